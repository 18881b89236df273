import { expect, it, vi } from 'vitest';
import { api } from '$lib/platform/api';
import { clientPage } from './find';

it('goes on where the desk looked and found nobody, and stops at the first who is found', async () => {
  const asked: (string | undefined)[] = [];
  const pages: Record<string, { items: object[]; next_cursor?: string }> = { '': { items: [], next_cursor: 'a' }, a: { items: [], next_cursor: 'b' }, b: { items: [{ id: 'anna' }], next_cursor: 'c' } };
  vi.spyOn(api, 'GET').mockImplementation((async (_: string, call: { params: { query: { cursor?: string } } }) => {
    const { cursor } = call.params.query;
    asked.push(cursor);
    return { data: pages[cursor ?? ''] };
  }) as never);
  const page = await clientPage({ q: 'anna maria', limit: 8 });
  expect(page.items).toHaveLength(1);
  expect(page.next_cursor).toBe('c');
  expect(asked).toEqual([undefined, 'a', 'b']);
});
