import { describe, expect, it } from 'vitest';
import { fieldsOf, slugOf } from './form';

describe('the form of a program', () => {
  it('sends only what was changed', () => {
    expect(fieldsOf({ title: 'Raku' }, 'EUR')).toEqual({ title: 'Raku' });
  });
  it('takes an emptied text away and counts the price in minor units', () => {
    expect(fieldsOf({ summary: ' ', price: '49.5' }, 'EUR')).toEqual({ summary: null, price: { amount: 4950, currency: 'EUR' } });
    expect(() => fieldsOf({ price: '1.234' }, 'EUR')).toThrow();
  });
  it('makes an address of a title', () => {
    expect(slugOf('Töpfern für Große: Teil 2!')).toBe('topfern-fur-grosse-teil-2');
  });
});
