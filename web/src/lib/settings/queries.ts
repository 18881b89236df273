// The settings with their version, by which a change that came too late is caught.
import { answer, api, changed, tagged, type Schemas } from '$lib/platform/api';
import { changed as stale } from '$lib/platform/queries';

export type Settings = Schemas['Settings'];
type Patch = { [Field in keyof Settings]?: Settings[Field] | null };

export const settings = () => ({ queryKey: ['settings', 'tagged'], queryFn: () => tagged(api.GET('/settings')) });

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
