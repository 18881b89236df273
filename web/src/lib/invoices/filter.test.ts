import { describe, expect, it } from 'vitest';
import { addressOf, filterOf, queryOf } from './filter';

const read = (address: string) => filterOf(new URLSearchParams(address));

describe('a filter of invoices', () => {
  it('comes back from its address', () => {
    const filter = { q: 'Åsa & Sons', client: '019', kind: 'invoice', status: 'overdue', from: '2026-01-01', to: '2026-01-31' } as const;
    expect(read(addressOf(filter))).toEqual(filter);
    expect(addressOf(read(''))).toBe('');
  });

  it('leaves out what makes no sense', () => {
    expect(read('?kind=banana&status=paid&from=yesterday&to=2026-1-1')).toEqual(read(''));
  });

  it('asks the desk for nothing that is not filtered by', () => {
    expect(Object.values(queryOf(read('?q='))).every((value) => value === undefined)).toBe(true);
    expect(queryOf(read('?client=7&status=open'))).toMatchObject({ client_id: '7', status: 'open', kind: undefined });
  });
});
