// Clocks on walls in different zones. A wall-clock time is text (`2026-12-24T18:30`), and never a `Date`: a `Date` would
// read it by the clock of whoever looks.
import { dateFormat } from '$lib/base/intl';

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
const format = (zone: string) => dateFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const text = (time: number) => new Date(time).toISOString().slice(0, 16);
const time = (wall: string) => Date.parse(`${wall.slice(0, 16)}:00Z`);

/** What clocks in a zone show at an instant. */
export function wallAt(instant: string | number, zone: string): string {
  const parts = format(zone).formatToParts(typeof instant === 'number' ? instant : Date.parse(instant));
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? '';
  return `${part('year').padStart(4, '0')}-${part('month')}-${part('day')}T${part('hour')}:${part('minute')}`;
}

/** Milliseconds by which clocks in a zone are ahead of UTC at an instant. */
export function offsetAt(instant: number, zone: string): number {
  return time(wallAt(instant, zone)) - Math.floor(instant / MINUTE) * MINUTE;
}

/**
 * The instant at which clocks in a zone show this. Of two such instants (clocks were put back) the first; when there is
 * none (they were put forward), later by what was left out. The desk decides the same way.
 */
export function instantOf(wall: string, zone: string): string {
  const at = time(wall);
  const [before, after] = [at - offsetAt(at - DAY, zone), at - offsetAt(at + DAY, zone)];
  const fits = [before, after].filter((one) => wallAt(one, zone) === wall.slice(0, 16));
  return new Date(fits.length ? Math.min(...fits) : before).toISOString();
}

/** What clocks elsewhere show when clocks here show this. */
export function carried(wall: string, from: string, to: string): string {
  return from === to ? wall.slice(0, 16) : wallAt(instantOf(wall, from), to);
}

/** Some minutes later on the same wall, as if no clock were ever changed. */
export function plusMinutes(wall: string, minutes: number): string {
  return text(time(wall) + minutes * MINUTE);
}

/** Minutes between two times of the same wall. */
export function minutesBetween(from: string, to: string): number {
  return (time(to) - time(from)) / MINUTE;
}

/** Whether clocks in both zones show the same at an instant. */
export function sameClock(one: string, other: string, instant: number = Date.now()): boolean {
  return one === other || offsetAt(instant, one) === offsetAt(instant, other);
}

/** Every zone that the browser knows, and the named one. */
export function zones(own: string): string[] {
  const all = typeof Intl.supportedValuesOf === 'function' ? Intl.supportedValuesOf('timeZone') : [];
  return all.includes(own) ? all : [own, ...all];
}
