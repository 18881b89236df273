import { expect, it } from 'vitest';
import { daysOf } from './period';

it('a period with a name has first and last days, also over the turn of the year and in a leap year', () => {
  expect(daysOf('month', '2026-11-25')).toEqual(['2026-11-01', '2026-11-30']);
  expect(daysOf('month', '2028-02-10')).toEqual(['2028-02-01', '2028-02-29']);
  expect(daysOf('last_month', '2026-01-31')).toEqual(['2025-12-01', '2025-12-31']);
  expect(daysOf('quarter', '2026-11-25')).toEqual(['2026-10-01', '2026-12-31']);
  expect(daysOf('last_quarter', '2026-02-01')).toEqual(['2025-10-01', '2025-12-31']);
  expect(daysOf('year', '2026-11-25')).toEqual(['2026-01-01', '2026-12-31']);
  expect(daysOf('last_year', '2026-11-25')).toEqual(['2025-01-01', '2025-12-31']);
});
