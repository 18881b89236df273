import { describe, expect, it } from 'vitest';
import { filled, parts, periodOf, usual } from './period';

const today = '2026-11-25';

describe('periods', () => {
  it('are read from the address, and nonsense is this month', () => {
    const asked = (values: Record<string, string>) => (name: string) => values[name] ?? '';
    expect(periodOf(asked({ from: '2026-01-01', to: '2026-02-10', by: 'week' }), today)).toEqual({ preset: 'custom', from: '2026-01-01', to: '2026-02-10', by: 'week' });
    expect(periodOf(asked({ from: '2026-03-01', to: '2026-02-10' }), today).preset).toBe('month');
    expect(periodOf(asked({ period: 'year' }), today).by).toBe('month');
    expect(usual('2026-10-01', '2026-12-31')).toBe('week');
  });
  it('are cut into parts without holes', () => {
    expect(parts('2026-11-25', '2026-12-08', 'week')).toEqual(['2026-11-23', '2026-11-30', '2026-12-07']);
    expect(parts('2026-11-25', '2027-01-01', 'month')).toEqual(['2026-11-01', '2026-12-01', '2027-01-01']);
    const empty = (period: string) => ({ period, n: 0 });
    expect(filled([{ period: '2026-11-26', n: 2 }], '2026-11-25', '2026-11-26', 'day', empty)).toEqual([{ period: '2026-11-25', n: 0 }, { period: '2026-11-26', n: 2 }]);
    expect(filled([{ period: '2026-11-22', n: 2 }], '2026-11-25', '2026-11-26', 'week', empty)).toHaveLength(1);
  });
});
