import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { words as de } from '../../words/de';
import { words as en } from '../../words/en';
import { speak } from './words.svelte';
import { shapeOf, shapes, wrongIs } from './wrong';

/** What the desk says of fields: the literals in its sources. */
function sentences(): string[] {
  const root = new URL('../../../../src/', import.meta.url);
  const found = new Set<string>();
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    const path = `${entry.parentPath}/${entry.name}`;
    if (!entry.name.endsWith('.rs') || path.includes('/tests/')) continue;
    const source = readFileSync(path, 'utf8').split('#[cfg(test)]')[0].replace(/\\\n\s*/g, '');
    for (const { index, 0: call } of source.matchAll(/Error::field\(|\.that\(/g)) {
      let depth = 1;
      let at = index + call.length;
      let text = false;
      for (; depth > 0 && at < source.length; at += 1) {
        const char = source[at];
        if (text && char === '\\') at += 1;
        else if (char === '"') text = !text;
        else if (!text && '(['.includes(char)) depth += 1;
        else if (!text && ')]'.includes(char)) depth -= 1;
      }
      const last = [...source.slice(index, at).matchAll(/"((?:[^"\\]|\\.)*)"/g)].at(-1)?.[1];
      if (last && / /.test(last.trim())) found.add(last.replace(/\{[\w:?]*\}/g, (place) => (last.startsWith('must hold {seq}') ? place : '7')));
    }
  }
  return [...found].sort();
}

// Nobody at the desk can do these wrong: the page sends them as they have to be.
const forPrograms = [
  'can be open or overdue here', 'cannot be given together with lines', 'give either client_id or client', 'is not a field of this request', 'is not an id',
  'must be audio_note here, or file for a client', 'must be image, video, audio or document for a client', 'must be poster, image or video for a program',
  'must be poster, image, video, audio or document', 'must belong to one program, one client or one booking', 'must name pictures of this gallery, each once',
  '7 is not a scope; take *, or an area with :read, :write or :*', 'must be 7'
];

it('knows every sentence that the desk says of a field, or that only programs can meet it', () => {
  const all = sentences();
  expect(all.length).toBeGreaterThan(80);
  expect(all.filter((sentence) => !shapeOf(sentence) && !forPrograms.includes(sentence))).toEqual([]);
});

it('knows no sentence that the desk does not say, and has a word for each', () => {
  const used = new Set(sentences().map((sentence) => shapeOf(sentence)?.word));
  const own = [...new Set(shapes.map(([, word]) => word))];
  expect(own.filter((word) => !used.has(word))).toEqual([]);
  expect([...own, 'other'].sort()).toEqual(Object.keys(en.wrong).sort());
});

it('says it in the language of the desk', async () => {
  await speak('de');
  expect(wrongIs('must not be empty')).toBe(de.wrong.empty);
  expect(wrongIs('must be 1 to 200')).toBe('Zwischen 1 und 200.');
  expect(wrongIs('must have at most 40 characters')).toBe('Höchstens 40 Zeichen.');
  expect(wrongIs('must be given: Ada Adler has no e-mail address')).toBe('Ada Adler hat keine E-Mail-Adresse. Geben Sie hier eine an.');
  expect(wrongIs('Quantity: must not be empty')).toBe(de.wrong.empty);
  expect(wrongIs('something new')).toBe('Das passt nicht: something new');
});
