import { describe, expect, it } from 'vitest';
import { daysOf, filterOf, queryOf } from './filter';

const of = (text: string) => filterOf(new URLSearchParams(text), '2026-12-24');

describe('filters of bookings', () => {
  it('takes several states and leaves out what is none', () => {
    expect(of('status=held,lost,confirmed').status).toEqual(['held', 'confirmed']);
  });
  it('asks for nothing that is not filtered', () => {
    expect(Object.values(queryOf(of('balance=whatever&from=soon'))).every((value) => value === undefined)).toBe(true);
  });
  it('moves spans with the calendar', () => {
    expect(daysOf('week', '2026-12-24')).toEqual({ from: '2026-12-21', to: '2026-12-27' });
    expect(daysOf('week', '2026-12-27')).toEqual({ from: '2026-12-21', to: '2026-12-27' });
    expect(daysOf('next_week', '2026-12-24')).toEqual({ from: '2026-12-28', to: '2027-01-03' });
    expect(daysOf('month', '2028-02-10')).toEqual({ from: '2028-02-01', to: '2028-02-29' });
    expect(of('when=past')).toMatchObject({ from: '', to: '2026-12-23' });
  });
});
