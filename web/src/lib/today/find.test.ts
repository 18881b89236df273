import { expect, it } from 'vitest';
import { awaited, inOrder, matching } from './find';
import type { Arrival } from './queries';

const arrival = (client_name: string, local_starts_at = '2026-11-26T10:00', status = 'confirmed') =>
  ({ client_name, reference: 'K7P2', program_title: 'Morning yoga', local_starts_at, status }) as Arrival;

it('finds a name by parts of it, with or without its marks', () => {
  const all = [arrival('Hanna Müller'), arrival('Jörg Haas')];
  expect(matching(all, 'mull ha').map((one) => one.client_name)).toEqual(['Hanna Müller']);
  expect(matching(all, ' k7p2 ')).toHaveLength(2);
  expect(matching(all, '')).toHaveLength(2);
  expect(matching(all, 'nobody')).toHaveLength(0);
});
it('puts who comes first at the top', () => {
  const all = inOrder([arrival('B'), arrival('C', '2026-11-26T08:00'), arrival('A')]);
  expect(all.map((one) => one.client_name)).toEqual(['C', 'A', 'B']);
});
it('knows who has come', () => {
  expect(awaited(arrival('A'))).toBe(true);
  expect(awaited(arrival('A', undefined, 'checked_in'))).toBe(false);
});
