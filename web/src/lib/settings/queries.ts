// The settings with their version, by which a change that came too late is caught.
import { queryOptions } from '@tanstack/svelte-query';
import { answer, api, changed, tagged, type Schemas } from '$lib/platform/api';
import { changed as stale } from '$lib/platform/queries';

export type Settings = Schemas['Settings'];
type Patch = { [Field in keyof Settings]?: Settings[Field] | null };

export const settings = () => queryOptions({ queryKey: ['settings', 'tagged'], queryFn: () => tagged(api.GET('/settings')), staleTime: 5 * 60_000 });

/** The rules of the business, for other rooms: its zone, currency, rates. */
export const business = () => queryOptions({ ...settings(), select: ({ data }: { data: Settings }) => data });

/** How documents are numbered now; who may not read it gets none. */
export const series = () => ({ queryKey: ['settings', 'series'], queryFn: async () => (await answer(api.GET('/invoice-series'))).items });

/** Stores a patch, only over the version that was read. */
export async function store(patch: Patch, version: number): Promise<{ data: Settings; version: number }> {
  const found = await changed('/settings', null, patch, version);
  void stale('settings');
  return found;
}

/** What was emptied is taken away. */
export const text = (value: string | null | undefined) => value?.trim() || null;
