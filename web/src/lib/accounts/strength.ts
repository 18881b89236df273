// How hard a password is to guess, roughly: enough for a hint, not for a rule. Pure.

/** What the desk asks for at least. */
export const SHORTEST = 10;

/** 0 too short, 1 weak, 2 good, 3 strong. `known` are words that others know of this person. */
export function strength(password: string, known: string[] = []): 0 | 1 | 2 | 3 {
  if ([...password].length < SHORTEST) return 0;
  let rest = password.toLowerCase();
  for (const word of known.flatMap((one) => one.toLowerCase().split(/[^\p{L}\p{N}]+/u))) if (word.length > 2) rest = rest.replaceAll(word, '');
  for (const word of ['password', 'passwort', 'deskbell', 'qwertz', 'qwerty', 'azerty', '12345678', '123456', '1234']) rest = rest.replaceAll(word, '');
  // What repeats or counts on adds nothing.
  const odd = [...rest].filter((char, at, all) => at === 0 || ![0, 1, -1].includes(char.codePointAt(0)! - all[at - 1].codePointAt(0)!));
  const kinds = [/\p{Ll}/u, /\p{Lu}/u, /\p{N}/u, /[^\p{L}\p{N}]/u].filter((kind) => kind.test(password)).length;
  const points = odd.length + (kinds - 1) * 2 + Math.min(new Set(odd).size, 8) / 2;
  return points < 12 ? 1 : points < 18 ? 2 : 3;
}
