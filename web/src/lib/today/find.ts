// Who is meant when somebody stands at the desk and says a name.
import type { Arrival } from './queries';

const plain = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLocaleLowerCase();

/** Those in whose name, reference or program every typed word begins or stands; "mull ha" finds "Hanna Müller". */
export function matching(arrivals: Arrival[], typed: string): Arrival[] {
  const words = plain(typed).split(/\s+/).filter(Boolean);
  return arrivals.filter((one) => {
    const text = plain(`${one.client_name} ${one.reference} ${one.program_title}`);
    return words.every((word) => text.includes(word));
  });
}

/** Whether somebody is still awaited. */
export function awaited(one: Arrival): boolean {
  return one.status === 'confirmed' || one.status === 'held';
}

/** By time, then by name. */
export function inOrder(arrivals: Arrival[]): Arrival[] {
  return [...arrivals].sort((one, other) => (one.local_starts_at < other.local_starts_at ? -1 : one.local_starts_at > other.local_starts_at ? 1 : one.client_name.localeCompare(other.client_name)));
}
