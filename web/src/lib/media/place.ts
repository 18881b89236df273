// Where a file belongs, as an upload says it.
import type { Schemas } from '$lib/platform/api';

export type Kind = Schemas['Media']['kind'];
export type Place =
  | { role: 'poster' | 'image' | 'video'; program_id: string }
  | { role: 'audio_note'; client_id: string; booking_id?: string }
  /** Papers of a client, and what nothing shows yet: of any kind, which the file itself says. */
  | { role: 'file'; client_id: string; kind?: Kind }
  | { role: 'media'; kind?: Kind }
  | { role: 'logo' };

export function kindOf(place: Place): Kind {
  switch (place.role) {
    case 'audio_note':
      return 'audio';
    case 'logo':
      return 'image';
    case 'file':
    case 'media':
      return place.kind ?? 'document';
    default:
      return place.role;
  }
}

const sounds = /\.(opus|m4a|mp3|wav|flac|ogg|oga|weba)$/i;
const films = /\.(mp4|m4v|webm|mov)$/i;
const pictures = /\.(jpe?g|png|webp|avif|gif)$/i;

/** What a file is by its type, else by its name; what is none of the others is a document. */
export function kindBy(file: { name: string; type: string }): Kind {
  const sort = file.type.split('/')[0];
  if (sort === 'image' || (!sort && pictures.test(file.name))) return 'image';
  if (sort === 'audio' || (!sort && sounds.test(file.name))) return 'audio';
  if (sort === 'video' || (!sort && films.test(file.name))) return 'video';
  return 'document';
}

/** Whether files of every kind go there. */
export function mixed(place: Place): place is Extract<Place, { role: 'file' | 'media' }> {
  return place.role === 'file' || place.role === 'media';
}

/** The place as it is for this file. */
export function placeFor(place: Place, file: { name: string; type: string }): Place {
  return mixed(place) && !place.kind ? { ...place, kind: kindBy(file) } : place;
}

/** What it belongs to: the id of the program, or of the client; `logo` for the business's own, `media` for nothing yet. */
export function ownerOf(place: Place): string {
  if (place.role === 'logo' || place.role === 'media') return place.role;
  return 'program_id' in place ? place.program_id : place.client_id;
}

/** The page that shows it. */
export function pageOf(place: Place): string {
  if (place.role === 'logo') return '/settings/invoices';
  if (place.role === 'media') return '/media';
  if ('program_id' in place) return `/programs/${place.program_id}`;
  return place.role === 'audio_note' && place.booking_id ? `/bookings/${place.booking_id}` : `/clients/${place.client_id}`;
}

/** The part of that page, where it has parts. */
function tabOf(place: Place): string {
  if (place.role === 'file') return 'files';
  return place.role === 'audio_note' && !place.booking_id ? 'notes' : '';
}

/** The address of what shows it. */
export function linkOf(place: Place): string {
  return tabOf(place) ? `${pageOf(place)}?tab=${tabOf(place)}` : pageOf(place);
}

/** Whether this address shows it. */
export function shownAt(place: Place, url: URL): boolean {
  return url.pathname === pageOf(place) && (!tabOf(place) || url.searchParams.get('tab') === tabOf(place));
}

export function samePlace(one: Place, other: Place): boolean {
  return one.role === other.role && pageOf(one) === pageOf(other);
}

/** The `Upload-Metadata` of a file for this place. */
export function metadataOf(place: Place, filename: string): Record<string, string> {
  const kind = kindOf(place);
  // The settings say which picture is the logo.
  if (place.role === 'logo' || place.role === 'media') return { kind, filename };
  const belongs: Record<string, string> = 'program_id' in place ? { program_id: place.program_id }
    : place.role === 'audio_note' && place.booking_id ? { booking_id: place.booking_id } : { client_id: place.client_id };
  return { kind, filename, role: place.role, ...belongs };
}
