import { expect, test } from 'vitest';
import { strength } from './strength';

test('what is short is refused', () => expect(strength('Xk9!q')).toBe(0));

test('what repeats, counts on or is known is weak', () => {
  expect(strength('aaaaaaaaaaaa')).toBe(1);
  expect(strength('1234567890')).toBe(1);
  expect(strength('passwort1234')).toBe(1);
  expect(strength('ada.adler@example', ['Ada Adler', 'ada@example.org'])).toBe(1);
});

test('a few words are strong', () => expect(strength('correct horse battery')).toBe(3));
