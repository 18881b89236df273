import { describe, expect, it } from 'vitest';
import { fill } from './pattern';

const number = (pattern: string, prefix: string, seq: number) => {
  const filled = fill(pattern, prefix, '2026-11-24');
  return filled && [filled.key, filled.number(seq)];
};

describe('a pattern of numbers', () => {
  it('is filled in', () => {
    expect(number('{prefix}{year}-{seq:05}', 'R', 17)).toEqual(['R2026-', 'R2026-00017']);
    expect([number('{yy}{month}/{seq}', '', 7), number('{seq:04}/{year}', '', 7), number('{prefix}{seq:05}', 'CN{year}-', 3)?.[1]])
      .toEqual([['2611/', '2611/7'], ['#/2026', '0007/2026'], 'CN2026-00003']);
  });
  it.each(['', '{year}', '{seq}{seq}', '{seq:5}', '{seq:099}', '{seq', '{day}{seq}', 'a b{seq}'])('is refused: “%s”', (bad) => {
    expect(fill(bad, '', '2026-11-24')).toBeUndefined();
  });
});
