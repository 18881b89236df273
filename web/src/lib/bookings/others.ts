// What bookings need of other rooms: finding a program, an occurrence by typing.
import { queryOptions } from '@tanstack/svelte-query';
import { longDay, wall } from '$lib/base/format';
import { answer, api, one, type Schemas } from '$lib/platform/api';
import { queries } from '$lib/platform/queries';
import { comingOf, type Occurrence } from './queries';

export const programOf = (id: string) => queryOptions({ queryKey: ['programs', 'one', id], queryFn: () => answer(api.GET('/programs/{id}', one(id))) });
export const occurrenceOf = (id: string) => queryOptions({ queryKey: ['occurrences', 'one', id], queryFn: () => answer(api.GET('/occurrences/{id}', one(id))) });

/** Programs whose title has it; archived ones only when they are asked for by name. */
export async function findPrograms(q: string): Promise<Schemas['Program'][]> {
  const found = (await answer(api.GET('/programs', { params: { query: { q: q || undefined, limit: q ? 50 : 20 } } }))).items;
  const like = q.toLocaleLowerCase();
  return found.filter((one) => (q ? one.title.toLocaleLowerCase().includes(like) : one.status !== 'archived')).slice(0, 8);
}

const FEW = 8;
const parts = (text: string) => text.toLocaleLowerCase().split(/\s+/).filter(Boolean);

/** The next occurrences whose program, day or hour has each word that was typed. */
export async function findOccurrences(q: string): Promise<Occurrence[]> {
  const coming = await queries.fetchQuery(comingOf());
  const asked = parts(q);
  const fits = (one: Occurrence) => {
    const text = `${one.program_title} ${longDay(one.local_starts_at)} ${wall(one.local_starts_at)} ${one.local_starts_at.replace('T', ' ')}`.toLocaleLowerCase();
    return asked.every((part) => text.includes(part));
  };
  const found = coming.filter(fits);
  // Beyond the first 200 it is looked up by its program.
  if (!found.length && coming.length >= 150 && q.length > 1) {
    const programs = (await findPrograms(q)).slice(0, 3);
    return (await Promise.all(programs.map((program) => queries.fetchQuery(comingOf(program.id))))).flat().slice(0, FEW);
  }
  return found.slice(0, FEW);
}
