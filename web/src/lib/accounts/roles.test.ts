import { expect, test } from 'vitest';
import { areas, invented, may, scopesOf } from './roles';

test('each role may do what the one below may', () => {
  const rank = { none: 0, read: 1, write: 2 };
  for (const area of areas) {
    expect(rank[may('owner', area)]).toBeGreaterThanOrEqual(rank[may('manager', area)]);
    expect(rank[may('manager', area)]).toBeGreaterThanOrEqual(rank[may('staff', area)]);
  }
});

test('scopes are what was picked', () => {
  expect(scopesOf(true, {})).toEqual(['*']);
  expect(scopesOf(false, { clients: 'write', bookings: 'read', media: 'none' })).toEqual(['bookings:read', 'clients:write']);
});

test('an invented password is long and never the same', () => {
  expect(invented()).toMatch(/^([a-z2-9]{5}-){3}[a-z2-9]{5}$/);
  expect(invented()).not.toBe(invented());
});
