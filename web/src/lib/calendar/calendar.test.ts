import { describe, expect, it } from 'vitest';
import { dates, once, rule, type Repeat } from './rule';
import { carried, instantOf, minutesBetween, plusMinutes, sameClock, wallAt } from './zone';

describe('zones', () => {
  it('read a wall in winter and in summer', () => {
    expect(instantOf('2026-01-15T10:00', 'Europe/Berlin')).toBe('2026-01-15T09:00:00.000Z');
    expect(instantOf('2026-07-15T10:00', 'Europe/Berlin')).toBe('2026-07-15T08:00:00.000Z');
    expect(wallAt('2026-07-15T08:00:00Z', 'America/New_York')).toBe('2026-07-15T04:00');
  });
  it('take the first of two instants, and step over an hour that is left out', () => {
    expect(instantOf('2026-10-25T02:30', 'Europe/Berlin')).toBe('2026-10-25T00:30:00.000Z');
    expect(instantOf('2026-03-29T02:30', 'Europe/Berlin')).toBe('2026-03-29T01:30:00.000Z');
  });
  it('carry a time to another wall', () => {
    expect(carried('2026-12-24T18:30', 'Europe/Berlin', 'Asia/Kolkata')).toBe('2026-12-24T23:00');
    expect(carried('2026-12-24T18:30', 'Europe/Berlin', 'Europe/Berlin')).toBe('2026-12-24T18:30');
    expect(sameClock('Europe/Berlin', 'Europe/Paris')).toBe(true);
    expect(sameClock('Europe/Berlin', 'Europe/London')).toBe(false);
  });
  it('count minutes over midnight', () => {
    expect(plusMinutes('2026-12-31T23:30', 60)).toBe('2027-01-01T00:30');
    expect(minutesBetween('2026-12-31T23:30', '2027-01-01T00:30')).toBe(60);
  });
});

describe('repetition', () => {
  const of = (start: string, more: Partial<Repeat>): Repeat => ({ ...once(start), ...more });
  it('is no rule when it takes place once', () => {
    expect(rule(once('2026-11-24'), '2026-11-24')).toBeUndefined();
    expect(dates(once('2026-11-24'), '2026-11-24')).toEqual(['2026-11-24']);
  });
  it('follows weekdays, Monday first', () => {
    const repeat = of('2026-11-24', { every: 'week', days: [4, 2], count: 3 });
    expect(rule(repeat, '2026-11-24')).toBe('FREQ=WEEKLY;BYDAY=TU,TH;COUNT=3');
    expect(dates(repeat, '2026-11-24')).toEqual(['2026-11-24', '2026-11-26', '2026-12-01']);
  });
  it('has the start among its days, as the desk has it', () => {
    expect(dates(of('2026-11-24', { every: 'week', days: [3], count: 2 }), '2026-11-24')).toEqual(['2026-11-24', '2026-11-25', '2026-12-02']);
  });
  it('ends on a day', () => {
    const repeat = of('2026-11-24', { every: 'day', step: 2, end: 'until', until: '2026-11-29' });
    expect(rule(repeat, '2026-11-24')).toBe('FREQ=DAILY;INTERVAL=2;UNTIL=20261129');
    expect(dates(repeat, '2026-11-24')).toEqual(['2026-11-24', '2026-11-26', '2026-11-28']);
  });
  it('leaves out months that have no such day', () => {
    expect(dates(of('2026-01-31', { every: 'month', count: 3 }), '2026-01-31')).toEqual(['2026-01-31', '2026-03-31', '2026-05-31']);
  });
  it('knows the second and the last weekday of a month', () => {
    const second = of('2026-11-10', { every: 'month', on: 'weekday', count: 2 });
    expect(rule(second, '2026-11-10')).toBe('FREQ=MONTHLY;BYDAY=2TU;COUNT=2');
    expect(dates(second, '2026-11-10')).toEqual(['2026-11-10', '2026-12-08']);
    const last = of('2026-11-30', { every: 'month', on: 'weekday', count: 2 });
    expect(rule(last, '2026-11-30')).toBe('FREQ=MONTHLY;BYDAY=-1MO;COUNT=2');
    expect(dates(last, '2026-11-30')).toEqual(['2026-11-30', '2026-12-28']);
  });
});
