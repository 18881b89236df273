// What is wrong with a field, in the language of the desk. The API says it in English (`errors[].message`) to whoever
// calls; a sentence that people at the desk can meet is known here by its shape and said in their words. A star stands
// for what differs. Pure, but for the language.
import { said } from './words.svelte';

/** Shapes of sentences, each with its word in the room `wrong`; the first that fits counts. */
export const shapes: [string, string][] = [
  ['must not be empty', 'empty'], ['is required', 'empty'], ['is missing', 'empty'], ['must be said', 'empty'],
  ['must have at most * characters', 'too_long'], ['must not hold control characters', 'control'], ['must be one line without control characters', 'control'],
  ['must be an e-mail address such as *', 'email'], ['must hold a letter or digit', 'letter'],
  ['must be a day such as *', 'day'], ['must be a day', 'day'], ['is not a day of the calendar', 'day'],
  ['must be a wall-clock time such as *', 'time'], ['must be an RFC 3339 time such as *', 'time'],
  ['must be an IANA time zone such as *', 'zone'], ['must be an ISO 4217 code in capitals such as *', 'currency'], ['must be in *, the currency of the business', 'currency_is'],
  ['must be an ISO 3166-1 code of two * such as DE', 'country'], ['must be a language tag such as *', 'language'], ['must be a colour such as *', 'color'],
  ['must be lower-case letters, digits and single hyphens, such as *', 'slug'],
  ['must be 0 to 10000 basis points*', 'percent'], ['must be 1 minute to 31 days', 'length'], ['must be 5 minutes to 60 days', 'holding'], ['must be 1 KiB to 1 TiB, in bytes', 'size'],
  ['must be at most * digits', 'digits'], ['must be at most *', 'most'],
  ['must be more than nothing', 'positive'], ['must not be negative*', 'negative'],
  ['is out of range', 'range'], ['is too large', 'range'], ['must lie in 1970 to 2200', 'range'], ['add up to too much', 'range'],
  ['must be a decimal number such as *', 'quantity'],
  ['must not lie in the future', 'not_future'], ['must lie in the future', 'future'], ['must not lie before today', 'not_past'], ['must not lie before *', 'order'], ['must lie in the same year as from: *', 'one_year'],
  ['is not an IBAN: *', 'iban'], ['is not a QR-IBAN: *', 'qr_iban'], ['must have 8 or 11 letters and digits', 'bic'],
  ['must have 10 to 200 characters; *', 'password'], ['is not your password', 'not_password'], ['is not the code of the app just now; *', 'code'],
  ['is not a rule that can be followed: *', 'rule'],
  ['S goes with a rate *', 'category'], ['go with the category S *', 'category'], ['gross needs prices that include tax', 'gross'],
  ['must be either a percent or an amount', 'one_of_two'], ['give either a percent or an amount', 'one_of_two'], ['must be between nothing and the whole', 'whole'],
  ['must hold at least one line', 'lines'], ['add up to less than nothing; *', 'less'],
  ['must hold {*', 'pattern'], ['must differ from the invoices\' prefix *', 'same_prefix'], ['must have at most * letters, digits or *', 'prefix'],
  ['must be three, *', 'levels'], ['must grow from level to level', 'levels_grow'], ['must name at least one scope*', 'scope'],
  ['is where this booking is already', 'already_there'], ['must be of the same program; *', 'other_program'], ['must be given: * has no e-mail address', 'no_address'],
  ['is the tax of no line, so there is nothing to discount', 'no_such_tax'], ['with tax_category O cannot stand beside *', 'outside_alone'], ['must be taxed in at most * different ways', 'many_taxes'],
  ['are too many for a draft; *', 'draft_full'], ['are too many to be added up *', 'draft_full'], ['has three decimals, *', 'three_decimals'],
  ['is not what this role takes', 'kind'], ['are taken out by changing the program', 'shown'],
  ['must be * to *', 'between']
];

const patterns = shapes.map(([shape, word]) => ({ shape: new RegExp(`^${shape.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&')).join('(.*)')}$`), word }));

/** The word for a sentence, and what stood in the places of the stars; none for what only programs are told. */
export function shapeOf(sentence: string): { word: string; parts: string[] } | undefined {
  for (const { shape, word } of patterns) {
    const found = shape.exec(sentence);
    if (found) return { word, parts: found.slice(1) };
  }
  return undefined;
}

/** What to say of a field. `{a}` in a word is what stood in the first place, `{b}` in the second. */
export function wrongIs(message: string): string {
  // Some begin with the name of the field, which the form says itself: `Quantity: must not be empty`.
  const sentence = message.replace(/^[A-Z][\w ]*: /, '');
  const found = shapeOf(sentence);
  if (!found) return said('wrong.other', sentence, { message: sentence });
  const [a = '', b = ''] = found.parts;
  return said(`wrong.${found.word}`, sentence, { a, b });
}
