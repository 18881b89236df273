import { describe, expect, it } from 'vitest';
import { month, usualPeriods } from './period';

describe('periods', () => {
  it('go over the turn of the year', () => {
    expect(usualPeriods(new Date(2026, 0, 31)).map((one) => `${one.from} ${one.to}`)).toEqual([
      '2025-12-01 2025-12-31', '2026-01-01 2026-01-31', '2025-10-01 2025-12-31', '2026-01-01 2026-03-31', '2025-01-01 2025-12-31', '2026-01-01 2026-12-31'
    ]);
  });
  it('end with their month, also in a leap year', () => {
    expect(month('2028-02-10')).toMatchObject({ from: '2028-02-01', to: '2028-02-29' });
    expect(month('2026-12-31')).toMatchObject({ from: '2026-12-01', to: '2026-12-31' });
  });
});
