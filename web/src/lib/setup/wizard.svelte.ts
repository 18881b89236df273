// What the first run asks for, kept while somebody goes back and forth.
import { Unreadable } from '$lib/base/amounts';
import { language, t, type Key } from '$lib/base/words.svelte';
import { answer, api, Problem, type Schemas } from '$lib/platform/api';
import { documents } from '$lib/settings/regions';
import { ratesOf, rowsOf, type Row } from '$lib/settings/taxes';

/** Before the desk is founded, and after. */
export const before = ['language', 'business', 'owner'] as const;
export const after = ['look', 'demo'] as const;
export type Step = (typeof before | typeof after)[number];
export const steps: Step[] = [...before, ...after];

/** Words for what rates are called wherever a country has no name of its own for them. */
const usualNames: Record<string, Key> = { Standard: 'setup.rate_standard', Reduced: 'setup.rate_reduced', 'No tax': 'setup.rate_none' };

export class Wizard {
  /** Names of rates as the desk suggests them, and as they were shown. */
  #given: string[] = [];
  #shown: string[] = [];
  token = $state('');
  business = $state({ name: '', country: '', currency: 'EUR', time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC' });
  locale = $state<string>(language());
  rates = $state<Row[]>([]);
  owner = $state({ name: '', email: '', password: '' });
  suggested = $state.raw<Schemas['CountryDefaults'][]>([]);
  /** Why suggestions could not be had; everything can be filled in without. */
  unknown = $state.raw<unknown>(null);
  busy = $state(false);
  error = $state.raw<unknown>(null);

  /** What countries suggest; the country is first that of the browser, by its time zone or language. */
  async learn() {
    this.unknown = null;
    try {
      this.suggested = (await answer(api.GET('/setup/countries'))).items;
    } catch (failed) {
      this.unknown = failed;
    }
    if (this.business.country) return;
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const region = navigator.languages.map((tag) => new Intl.Locale(tag).region).find(Boolean);
    const found = this.suggested.find((one) => one.time_zone === zone) ?? this.suggested.find((one) => one.code === region);
    this.choose(found?.code ?? region ?? new Intl.Locale(language()).maximize().region ?? 'DE');
  }

  /** The country, with what it suggests. */
  choose(code: string) {
    this.business.country = code;
    const found = this.suggested.find((one) => one.code === code);
    if (!found) return;
    this.business.currency = found.currency;
    this.business.time_zone = found.time_zone;
    this.locale = documents.includes(found.locale) ? found.locale : this.locale;
    this.rates = rowsOf(found.tax_rates);
    this.#shown = [];
    this.#given = found.tax_rates.map(({ name }) => name);
    this.name();
  }

  /** Names rates in the language that is spoken now, where nobody has named them otherwise. */
  name() {
    for (const [at, row] of this.rates.entries()) {
      const [given, usual] = [this.#given[at], usualNames[this.#given[at] ?? '']];
      if (given === undefined || !usual || row.name !== (this.#shown[at] ?? given)) continue;
      row.name = this.#shown[at] = t(usual);
    }
  }

  /** Founds the desk; the account that comes back is signed in. Nothing when it was refused. */
  async found(): Promise<Schemas['Account'] | undefined> {
    this.busy = true;
    this.error = null;
    try {
      const [business, owner, rates] = [$state.snapshot(this.business), $state.snapshot(this.owner), $state.snapshot(this.rates)];
      return await answer(api.POST('/setup', { body: { token: this.token.trim(), business, owner, locale: this.locale, tax_rates: rates.length ? ratesOf(rates) : undefined } }));
    } catch (failed) {
      this.error = failed instanceof Unreadable ? new Problem(400, 'invalid_field', failed.message, [{ field: 'tax_rates', message: failed.message }]) : failed;
    } finally {
      this.busy = false;
    }
  }

  /** What is wrong with a field, by the last refusal. */
  wrong(field: string): string {
    if (!(this.error instanceof Problem)) return '';
    return this.error.errors.find((one) => one.field === field || one.field.startsWith(`${field}[`))?.message ?? '';
  }

  /** The step that has the wrong field. */
  get wrongStep(): Step | undefined {
    if (!(this.error instanceof Problem)) return undefined;
    if (this.error.code === 'forbidden') return 'owner';
    const fields = this.error.errors.map((one) => one.field);
    if (fields.some((field) => /^(business|locale|tax_rates)/.test(field))) return 'business';
    return fields.length ? 'owner' : undefined;
  }
}
