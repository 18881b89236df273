// Where the marks of an axis stand.

/** Round figures that reach from the least to the most, zero among them; about `count` of them. */
export function ticks(least: number, most: number, count = 4): number[] {
  const [low, high] = [Math.min(0, least), Math.max(0, most)];
  if (high === low) return [0, 1];
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const size = power * ([1, 2, 5, 10].find((step) => step * power >= rough) ?? 10);
  // Things that are counted have no halves.
  const step = Math.max(1, size);
  const marks: number[] = [];
  for (let at = Math.floor(low / step); at <= Math.ceil(high / step); at++) marks.push(at * step);
  return marks;
}

/** Every how many-th label is written, so that none stands on another. */
export function every(labels: string[], width: number, letter = 6.6): number {
  const longest = labels.reduce((most, one) => Math.max(most, one.length), 1);
  return Math.max(1, Math.ceil((labels.length * (longest * letter + 14)) / Math.max(1, width)));
}
