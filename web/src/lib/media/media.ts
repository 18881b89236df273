// A stored file as pages show it.
import type { Schemas } from '$lib/platform/api';
import { bytes, clock } from '$lib/base/format';

export type Media = Schemas['Media'];
type Variant = Schemas['MediaVariant'];

/** Sizes of one picture to choose among, by type; the type that saves most stands first. */
export function sources(media: Media): { type: string; srcset: string }[] {
  const by = new Map<string, Variant[]>();
  for (const one of media.variants) by.set(one.content_type, [...(by.get(one.content_type) ?? []), one]);
  return [...by]
    .sort(([one], [other]) => Number(other === 'image/webp') - Number(one === 'image/webp'))
    .map(([type, all]) => ({ type, srcset: all.map((one) => `${one.content_url} ${one.width}w`).join(', ') }));
}

/** The bytes to show when nothing else fits: a small JPEG rather than the camera's own. */
export function plainSource(media: Media): string {
  const jpegs = media.variants.filter((one) => one.content_type === 'image/jpeg');
  return jpegs.sort((one, other) => one.width - other.width).find((one) => one.width >= 600)?.content_url
    ?? jpegs.at(-1)?.content_url ?? media.content_url;
}

/** `4000 × 3000 · 3 MiB`, `1:20 · 1920 × 1080 · 40 MiB`. */
export function about(media: Media): string {
  return [
    media.duration_seconds ? clock(media.duration_seconds) : '',
    media.width && media.height ? `${media.width} × ${media.height}` : '',
    bytes(media.size)
  ].filter(Boolean).join(' · ');
}
