import { expect, it } from 'vitest';
import { speak } from '$lib/base/words.svelte';
import { Wizard } from './wizard.svelte';

it('names rates in the language of the desk, and leaves those alone that somebody named', async () => {
  const wizard = new Wizard();
  const rate = (name: string, rate: number) => ({ name, rate, category: 'S' as never });
  wizard.suggested = [{ code: 'DE', currency: 'EUR', time_zone: 'Europe/Berlin', locale: 'de', tax_rates: [rate('Standard', 1900), rate('Reduced', 700), rate('Special', 500)] }] as never;
  await speak('de');
  wizard.choose('DE');
  expect(wizard.rates.map((row) => row.name)).toEqual(['Regelsatz', 'Ermäßigt', 'Special']);
  wizard.rates[0].name = 'Voll';
  await speak('fr');
  wizard.name();
  expect(wizard.rates.map((row) => row.name)).toEqual(['Voll', 'Taux réduit', 'Special']);
});
