// What the desk says, in the language of who reads: `t('bookings.title')`, `t('bookings.seats', { n: 3 })`. One language
// is loaded, once; the keys are those of the English files, checked by the compiler. Never: a sentence in a component.
import type { Words } from '../../words/en';
import { numberFormat, pluralRules } from './intl';

export const languages = { en: 'English', de: 'Deutsch', fr: 'Français', es: 'Español' } as const;
export type Language = keyof typeof languages;

type Room = keyof Words;
/** `room.word`, as the English files have them. */
export type Key = { [R in Room]: `${R & string}.${keyof Words[R] & string}` }[Room];
/** One form, or one for each plural category that the language has (Unicode CLDR); `{n}` decides. */
export type Phrase = string | Partial<Record<Intl.LDMLPluralRule, string>>;
type Table = Record<string, Record<string, Phrase>>;

const files: Record<Language, () => Promise<{ words: Table }>> = {
  en: () => import('../../words/en'),
  de: () => import('../../words/de'),
  fr: () => import('../../words/fr'),
  es: () => import('../../words/es')
};

let current = { language: 'en' as Language, table: {} as Table };
// Counts changes of language, so that what is shown follows.
const state = $state({ at: 0 });

/** The language that is shown; a BCP 47 tag, also for dates and numbers. */
export function language(): Language {
  void state.at;
  return current.language;
}

/** The tag by which dates, money and numbers are written: the browser's own where it speaks the same language. */
export function locale(): string {
  const own = language();
  return typeof navigator === 'undefined' ? own : (navigator.languages.find((tag) => tag.slice(0, 2) === own) ?? own);
}

export function isLanguage(tag: string | null | undefined): tag is Language {
  return !!tag && tag in languages;
}

/** The language of the page; static/look.js found it. */
export function wanted(): Language {
  const found = document.documentElement.lang;
  return isLanguage(found) ? found : 'en';
}

/** Shows the desk in this language from now on. */
export async function speak(next: Language): Promise<void> {
  const { words } = await files[next]();
  current = { language: next, table: words };
  state.at += 1;
  if (typeof document === 'undefined') return;
  document.documentElement.lang = next;
  document.documentElement.dir = ['ar', 'he', 'fa', 'ur'].includes(next) ? 'rtl' : 'ltr';
}

/** As `speak`, and again at the next visit. */
export async function choose(next: Language): Promise<void> {
  await speak(next);
  localStorage.setItem('deskbell.language', next);
}

/** A phrase with what stands in braces filled in; a number `n` chooses the plural form. Pure. */
export function fill(phrase: Phrase, values: Record<string, string | number>, tag: string): string {
  const n = values.n;
  const form = typeof phrase === 'string' ? phrase
    : (phrase[pluralRules(tag).select(Number(n))] ?? phrase.other ?? Object.values(phrase)[0] ?? '');
  return form.replace(/\{(\w+)\}/g, (all, name: string) => {
    const value = values[name];
    if (value === undefined) return all;
    return typeof value === 'number' ? numberFormat(tag).format(value) : value;
  });
}

/** What the desk says for `key`; numbers are written as the language does. */
export function t(key: Key, values: Record<string, string | number> = {}): string {
  return said(key, key, values);
}

/** As `t`, for a key that is put together, such as one for each status; itself when there is none. */
export function said(key: string, other = key, values: Record<string, string | number> = {}): string {
  void state.at;
  const [room, word] = key.split('.') as [string, string];
  const phrase = current.table[room]?.[word];
  return phrase === undefined ? other : fill(phrase, values, locale());
}
