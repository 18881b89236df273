// Where a file belongs, as an upload says it.
import type { Schemas } from '$lib/platform/api';

export type Kind = Schemas['Media']['kind'];
export type Place =
  | { role: 'poster' | 'image' | 'video'; program_id: string }
  | { role: 'audio_note'; client_id: string; booking_id?: string }
  | { role: 'logo' };

export function kindOf(place: Place): Kind {
  return place.role === 'audio_note' ? 'audio' : place.role === 'logo' ? 'image' : place.role;
}

/** What it belongs to: the id of the program, or of the client; `logo` for the business's own. */
export function ownerOf(place: Place): string {
  if (place.role === 'logo') return 'logo';
  return 'program_id' in place ? place.program_id : place.client_id;
}

/** The page that shows it. */
export function pageOf(place: Place): string {
  if (place.role === 'logo') return '/settings/invoices';
  if ('program_id' in place) return `/programs/${place.program_id}`;
  return place.booking_id ? `/bookings/${place.booking_id}` : `/clients/${place.client_id}`;
}

export function samePlace(one: Place, other: Place): boolean {
  return one.role === other.role && pageOf(one) === pageOf(other);
}

/** The `Upload-Metadata` of a file for this place. */
export function metadataOf(place: Place, filename: string): Record<string, string> {
  // The settings say which picture is the logo.
  if (place.role === 'logo') return { kind: kindOf(place), filename };
  const { role } = place;
  const belongs: Record<string, string> = 'program_id' in place ? { program_id: place.program_id }
    : place.booking_id ? { booking_id: place.booking_id } : { client_id: place.client_id };
  return { kind: kindOf(place), filename, role, ...belongs };
}
