// What a page must know before it shows anything: whether the desk is founded, and who is signed in.
import { answer, api, type Schemas } from './api';

/** Whether a page is for those who are not signed in. */
export const isFront = (path: string) => ['/setup', '/login'].includes(path);

let coming: Promise<Schemas['SetupState']> | null = null;

/** Asks ahead, for whoever wants to know first. */
export function askAhead(): Promise<Schemas['SetupState']> {
  coming = answer(api.GET('/setup'));
  // Whoever wants to know is told of a failure too.
  coming.catch(() => undefined);
  return coming;
}

/** What was asked ahead, once; from then on it is asked anew. */
export function arrival(): Promise<Schemas['SetupState']> {
  const known = coming ?? answer(api.GET('/setup'));
  coming = null;
  return known;
}
