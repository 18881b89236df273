// What the desk takes, said before a byte is sent.
import type { Schemas } from '$lib/platform/api';
import { bytes } from '$lib/base/format';
import { locale, t } from '$lib/base/words.svelte';

export type Limit = Schemas['MediaLimit'];

const names: Record<string, string> = {
  'image/jpeg': 'JPEG', 'image/png': 'PNG', 'image/webp': 'WebP', 'image/avif': 'AVIF', 'image/gif': 'GIF',
  'video/mp4': 'MP4', 'video/webm': 'WebM', 'video/quicktime': 'QuickTime', 'application/pdf': 'PDF',
  'audio/webm': 'WebM', 'audio/ogg': 'Ogg', 'audio/mpeg': 'MP3', 'audio/mp4': 'M4A', 'audio/wav': 'WAV', 'audio/flac': 'FLAC'
};
// Browsers have several words for the same type, and take sound in a film's wrapping for a film.
const same: Record<string, string> = {
  'audio/x-wav': 'audio/wav', 'audio/wave': 'audio/wav', 'audio/vnd.wave': 'audio/wav', 'audio/mp3': 'audio/mpeg',
  'audio/x-m4a': 'audio/mp4', 'audio/m4a': 'audio/mp4', 'audio/x-flac': 'audio/flac',
  'audio/opus': 'audio/ogg', 'application/ogg': 'audio/ogg', 'video/ogg': 'audio/ogg', 'image/jpg': 'image/jpeg',
  'video/x-m4v': 'video/mp4'
};
const plain = (type: string) => same[type.split(';')[0].trim()] ?? type.split(';')[0].trim();

/** `JPEG, PNG or WebP`. */
export function kinds(limit: Limit): string {
  const all = [...new Set(limit.content_types.map((type) => names[plain(type)] ?? plain(type)))];
  return new Intl.ListFormat(locale(), { type: 'disjunction' }).format(all);
}

/** Why this file is not taken, or nothing. The desk looks at the bytes themselves later; this spares the wait. */
export function refusal(file: { size: number; type: string }, limit: Limit | undefined): string | undefined {
  if (file.size === 0) return t('media.refused_empty');
  if (!limit) return undefined;
  const type = plain(file.type);
  const taken = limit.content_types.map(plain);
  const sound = limit.kind === 'audio' && taken.includes(type.replace('video/', 'audio/'));
  if (type && !taken.includes(type) && !sound) return t('media.refused_kind', { kinds: kinds(limit) });
  if (file.size > limit.max_size) return t('media.refused_size', { size: bytes(file.size), most: bytes(limit.max_size) });
  return undefined;
}
