import { beforeAll, describe, expect, it } from 'vitest';
import { ago, bytes, clock, day, hour, longDay, money, percent, plusDays, quantity, today, wall, wallOf } from './format';
import { speak } from './words.svelte';

// Intl writes spaces that do not break.
const flat = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ');

describe('in English', () => {
  beforeAll(() => speak('en'));

  it('writes money with the digits of its currency', () => {
    expect(money({ amount: 123450, currency: 'EUR' })).toBe('€1,234.50');
    expect(money({ amount: -5, currency: 'USD' })).toBe('-$0.05');
    expect(money({ amount: 500, currency: 'JPY' })).toBe('¥500');
    expect(money({ amount: 9007199254740991, currency: 'EUR' })).toBe('€90,071,992,547,409.91');
    expect(money(null)).toBe('–');
  });

  it('writes shares, quantities and sizes', () => {
    expect(percent(997.5)).toBe('9.975%');
    expect(quantity('2.50')).toBe('2.5');
    expect(flat(bytes(0))).toBe('0 B');
    expect(flat(bytes(1536))).toBe('1.5 KiB');
    expect(clock(65)).toBe('1:05');
    expect(clock(3729)).toBe('1:02:09');
  });

  it('writes days as days, in no zone', () => {
    expect(day('2026-12-24')).toBe('Dec 24, 2026');
    expect(longDay('2026-12-24')).toBe('Thursday, December 24, 2026');
    expect(flat(hour('2026-12-24T18:30'))).toBe('6:30 PM');
    expect(flat(wall('2026-12-24T18:30'))).toBe('Dec 24, 2026, 6:30 PM');
    expect(ago('2026-12-24T10:00:00Z', Date.parse('2026-12-24T10:03:00Z'))).toBe('3 minutes ago');
  });
});

describe('in German', () => {
  beforeAll(() => speak('de'));

  it('writes money, days and hours the German way', () => {
    expect(flat(money({ amount: 123450, currency: 'EUR' }))).toBe('1.234,50 €');
    expect(day('2026-12-24')).toBe('24.12.2026');
    expect(hour('2026-12-24T18:30')).toBe('18:30');
    expect(flat(percent(1900))).toBe('19 %');
  });
});

describe('zones', () => {
  it('tell the day and the hour of a place', () => {
    expect(today('Pacific/Auckland', new Date('2026-12-24T12:00:00Z'))).toBe('2026-12-25');
    expect(today('America/Los_Angeles', new Date('2026-12-24T03:00:00Z'))).toBe('2026-12-23');
    expect(today(undefined, new Date(2026, 0, 5, 23, 59))).toBe('2026-01-05');
    expect(wallOf('2026-12-24T23:30:00Z', 'Europe/Berlin')).toBe('2026-12-25T00:30');
    expect(wallOf('2026-07-01T00:00:00Z', 'America/St_Johns')).toBe('2026-06-30T21:30');
  });

  it('count days by the calendar, also when a day has 23 or 25 hours', () => {
    expect(plusDays('2026-03-28', 2)).toBe('2026-03-30');
    expect(plusDays('2026-10-24', 2)).toBe('2026-10-26');
    expect(plusDays('2028-02-28', 1)).toBe('2028-02-29');
    expect(plusDays('2026-01-01', -1)).toBe('2025-12-31');
    // The hour that a clock repeats is one hour twice.
    expect(wallOf('2026-10-25T00:30:00Z', 'Europe/Berlin')).toBe('2026-10-25T02:30');
    expect(wallOf('2026-10-25T01:30:00Z', 'Europe/Berlin')).toBe('2026-10-25T02:30');
  });
});
