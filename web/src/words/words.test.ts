// The four languages say the same things: the same keys, the same places to fill in, every plural form they need.
import { describe, expect, it } from 'vitest';
import { fill, type Phrase } from '../lib/base/words.svelte';
import { words as de } from './de';
import { words as en } from './en';
import { words as es } from './es';
import { words as fr } from './fr';

type Table = Record<string, Record<string, Phrase>>;
const languages: Record<string, Table> = { de, fr, es };
const forms = (phrase: Phrase) => (typeof phrase === 'string' ? [phrase] : Object.values(phrase));
const places = (phrase: Phrase) => [...new Set(forms(phrase).flatMap((form) => form.match(/\{\w+\}/g) ?? []))].sort().join(' ');
/** What the largest form says must be there: "one" may leave the number out. */
const whole = (phrase: Phrase) => (typeof phrase === 'string' ? places(phrase) : places(phrase.other ?? ''));

describe.each(Object.entries(languages))('%s', (tag, table) => {
  for (const [room, phrases] of Object.entries(en as Table)) {
    it(`says what English says in ${room}`, () => {
      expect(Object.keys(table[room] ?? {}).sort()).toEqual(Object.keys(phrases).sort());
      for (const [key, phrase] of Object.entries(phrases)) {
        const other = table[room][key];
        expect(whole(other), `${room}.${key}`).toBe(whole(phrase));
        expect(forms(other).every((form) => form.trim() !== ''), `${room}.${key} is empty`).toBe(true);
        if (typeof other !== 'string') {
          const needed = new Intl.PluralRules(tag).resolvedOptions().pluralCategories.filter((one) => one !== 'many');
          for (const category of needed) expect(other, `${room}.${key}`).toHaveProperty(category);
        }
      }
    });
  }

  it('was translated, not copied', () => {
    const pairs = Object.entries(en as Table).flatMap(([room, phrases]) => Object.entries(phrases).map(([key, phrase]) => [phrase, table[room][key]] as const));
    const long = pairs.filter(([phrase]) => forms(phrase).join('').split(' ').length > 3);
    const same = long.filter(([phrase, other]) => JSON.stringify(phrase) === JSON.stringify(other)).map(([phrase]) => phrase);
    expect(same).toEqual([]);
  });
});

describe('a phrase', () => {
  it('is filled in, with numbers as the language writes them', () => {
    expect(fill('{n} of {all} by {name}', { n: 1234, all: 2000, name: '{n}' }, 'de')).toBe('1.234 of 2.000 by {n}');
    expect(fill('{unknown} stays', {}, 'en')).toBe('{unknown} stays');
  });

  it('takes the plural form of its number', () => {
    const seats = { one: '{n} seat', other: '{n} seats' };
    expect([0, 1, 2].map((n) => fill(seats, { n }, 'en'))).toEqual(['0 seats', '1 seat', '2 seats']);
    // French counts nought as one.
    expect(fill({ one: '{n} place', other: '{n} places' }, { n: 0 }, 'fr')).toBe('0 place');
  });
});
