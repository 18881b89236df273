// What roles may do, and the areas that tokens are granted; as `base/actor` has them.
import type { Schemas } from '$lib/platform/api';

export type Role = Schemas['Account']['role'];
export type May = 'none' | 'read' | 'write';
export const roles: Role[] = ['owner', 'manager', 'staff'];
export const areas = ['bookings', 'clients', 'programs', 'media', 'invoices', 'settings', 'staff', 'system'] as const;
export type Area = (typeof areas)[number];

const desk: Area[] = ['bookings', 'clients', 'media', 'invoices'];

/** What a role may do in an area. */
export function may(role: Role, area: Area): May {
  if (role === 'owner' || desk.includes(area)) return 'write';
  if (role === 'manager') return area === 'programs' || area === 'system' ? 'write' : 'read';
  return area === 'programs' || area === 'settings' ? 'read' : 'none';
}

/** The scopes of a token: everything, or what was picked in each area. */
export function scopesOf(all: boolean, picked: Partial<Record<Area, May>>): string[] {
  if (all) return ['*'];
  return areas.flatMap((area) => (picked[area] === 'read' || picked[area] === 'write' ? [`${area}:${picked[area]}`] : []));
}

/** A first password that can be read out: 20 letters and digits without those that look alike. */
export function invented(): string {
  const letters = 'abcdefghjkmnpqrstuvwxyz23456789';
  // What would favour the first letters is thrown away.
  const fair = Math.floor(256 / letters.length) * letters.length;
  let found = '';
  while (found.length < 20) for (const byte of crypto.getRandomValues(new Uint8Array(32))) if (byte < fair && found.length < 20) found += letters[byte % letters.length];
  return found.replace(/(.{5})(?=.)/g, '$1-');
}
