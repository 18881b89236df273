// Moving, calling off, removing: what the calendar does to an occurrence, and the way back where there is one.
import { t } from '$lib/base/words.svelte';
import { answer, api, change, ifMatch, type Schemas } from '$lib/platform/api';
import { changed } from '$lib/platform/queries';
import { optimistic } from '$lib/ui/editing.svelte';
import { toasts } from '$lib/ui/toasts.svelte';
import { showOccurrence, type Occurrence } from './queries';

type Fields = Partial<Pick<Occurrence, 'local_starts_at' | 'duration_minutes' | 'capacity' | 'time_zone'>>;

/** Changes its time or its seats: shown at once, only over the version that is shown, undone by a click. */
export async function rearrange(one: Occurrence, fields: Fields, shown: Partial<Occurrence>, told: string): Promise<boolean> {
  const before: Fields = {};
  for (const name of Object.keys(fields) as (keyof Fields)[]) Object.assign(before, { [name]: one[name] });
  const back = { ...before, starts_at: one.starts_at, ends_at: one.ends_at };
  const done = await optimistic(() => showOccurrence(one.id, shown), () => change('/occurrences/{id}', one.id, fields, one.version), (stored) => {
    showOccurrence(one.id, stored);
    toasts.show(told, {
      undo: async () => {
        await optimistic(() => showOccurrence(one.id, back), () => change('/occurrences/{id}', one.id, before, stored.version), (again) => void showOccurrence(one.id, again));
        await changed('occurrence');
      }
    });
  });
  await changed('occurrence');
  return done !== undefined;
}

/** Calls it off; nothing takes that back. */
export async function callOff(one: Occurrence) {
  await answer(api.POST('/occurrences/{id}/cancel', { params: { path: { id: one.id } }, headers: ifMatch(one.version) }));
  toasts.show(t('calendar.called_off', { title: one.program_title }));
  await changed('occurrence');
}

/** What the same occurrence would be planned from. */
function inputOf(one: Occurrence): Schemas['OccurrenceInput'] {
  return { local_starts_at: one.local_starts_at.slice(0, 16), time_zone: one.time_zone, duration_minutes: one.duration_minutes, capacity: one.capacity };
}

/**
 * Removes it, which the desk does only while nobody booked; the way back is to plan the same again. `gone` takes away what
 * shows it, before anything asks for it anew.
 */
export async function remove(one: Occurrence, gone: () => unknown): Promise<void> {
  await answer(api.DELETE('/occurrences/{id}', { params: { path: { id: one.id } }, headers: ifMatch(one.version) }));
  await gone();
  toasts.show(t('calendar.deleted', { title: one.program_title }), {
    undo: async () => {
      await plan(one.program_id, inputOf(one)).catch((failed: Error) => toasts.show(failed.message, { tone: 'bad' }));
      await changed('occurrence');
    }
  });
  await changed('occurrence');
}

function plan(program: string, body: Schemas['OccurrenceInput']) {
  return answer(api.POST('/programs/{id}/occurrences', { params: { path: { id: program } }, body }));
}

/** Plans one or many, with the way back. */
export async function planned(program: string, body: Schemas['OccurrenceInput']): Promise<Occurrence[]> {
  const { items } = await plan(program, body);
  toasts.show(t('calendar.planned', { n: items.length }), { undo: () => unplan(items) });
  await changed('occurrence');
  return items;
}

/** Removes what was just planned, a few at a time; what was booked meanwhile stays. */
async function unplan(items: Occurrence[]) {
  let stayed = 0;
  const rest = [...items];
  const work = async () => {
    for (let one = rest.pop(); one; one = rest.pop()) {
      await api.DELETE('/occurrences/{id}', { params: { path: { id: one.id } } }).catch(() => (stayed += 1));
    }
  };
  await Promise.all([work(), work(), work(), work()]);
  if (stayed) toasts.show(t('calendar.stayed', { n: stayed }), { tone: 'bad' });
  await changed('occurrence');
}
