// Patterns of document numbers, as the desk reads them: `{prefix}{year}-{seq:05}`. Pure.

/** What is counted together: what stands before and after the running number. */
export type Filled = { key: string; number: (seq: number) => string };

/** Fills a pattern in for a day (`2026-11-24`); nothing when it is none. */
export function fill(pattern: string, prefix: string, day: string): Filled | undefined {
  const [, before, width, after] = /^(.*?)\{seq(?::0(\d{1,2}))?\}(.*)$/.exec(pattern) ?? [];
  if (before === undefined || Number(width ?? 1) < 1 || Number(width ?? 1) > 12) return undefined;
  const plain = (part: string) => /^[A-Za-z0-9\-/_.]*$/.test(part.replaceAll(/\{(prefix|year|yy|month)\}/g, ''));
  if (!plain(before) || !plain(after)) return undefined;
  const put = (part: string) =>
    part.replaceAll('{prefix}', prefix).replaceAll('{year}', day.slice(0, 4)).replaceAll('{yy}', day.slice(2, 4)).replaceAll('{month}', day.slice(5, 7));
  const [head, tail] = [put(before), put(after)];
  return { key: tail ? `${head}#${tail}` : head, number: (seq) => `${head}${String(seq).padStart(Number(width ?? 1), '0')}${tail}` };
}

/** How often it counts anew. */
export function anew(pattern: string, prefix: string): 'month' | 'year' | 'never' {
  const whole = pattern.replaceAll('{prefix}', prefix);
  if (whole.includes('{month}')) return 'month';
  return /\{year\}|\{yy\}/.test(whole) ? 'year' : 'never';
}
