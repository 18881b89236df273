// Calls of the API: paths, bodies and replies are those of the OpenAPI document (npm run api), checked by the compiler.
import createClient from 'openapi-fetch';
import { wrongIs } from '$lib/base/wrong';
import { me } from './me.svelte';
import type { components, paths } from './schema';

export type Schemas = components['schemas'];
export type Money = Schemas['Money'];

/** What went wrong, in the words of the desk. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly errors: Schemas['FieldError'][] = []
  ) {
    super(detail);
  }
}

/** The problem that a refusal carries, or what can be said without one. */
export function problem(status: number, text: string): Problem {
  try {
    const body: Schemas['Problem'] = JSON.parse(text);
    return new Problem(status, body.code, body.detail, body.errors?.map(({ field, message }) => ({ field, message: wrongIs(message) })));
  } catch {
    return new Problem(status, 'unknown', 'The server gave no usable answer. Try again in a moment.');
  }
}

/** Names one wish to change something: sent again with the same, it is done once (`Idempotency-Key`). */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The key of what a form wants: it stays as long as the same is wanted, so that sending it again after a cut does it once. */
export class Wish {
  #key = newKey();
  #of = '';

  /** The header for this body. */
  header(body: unknown): { 'idempotency-key': string } {
    const of = JSON.stringify(body);
    if (this.#of && this.#of !== of) this.renew();
    this.#of = of;
    return { 'idempotency-key': this.#key };
  }

  /** It was done, or refused: what comes next is another wish. */
  renew() {
    this.#key = newKey();
    this.#of = '';
  }
}

export const api = createClient<paths>({ baseUrl: '/api/v1' });
api.use({
  onRequest({ request }) {
    if (request.method === 'POST' && !request.headers.has('idempotency-key')) request.headers.set('idempotency-key', newKey());
  },
  async onResponse({ response }) {
    if (response.ok) return;
    const refused = problem(response.status, await response.text());
    if (refused.code === 'unauthenticated' && me.account) me.ended = true;
    throw refused;
  },
  onError({ error }) {
    if (error instanceof Problem) return error;
    return new Problem(0, 'offline', 'The desk cannot be reached. Check the connection and try again.');
  }
});

/**
 * What a call answers; a refusal is thrown as a `Problem`.
 *
 *     const program = await answer(api.GET('/programs/{id}', { params: { path: { id } } }));
 */
export async function answer<T>(call: Promise<{ data?: T; error?: unknown }>): Promise<T> {
  return (await call).data as T;
}

/** What a call answers, with its version (RFC 9110 §8.8.3), by which a change can be refused that came too late. */
export async function tagged<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<{ data: T; version: number }> {
  const { data, response } = await call;
  return { data: data as T, version: Number(response.headers.get('etag')?.replaceAll('"', '')) };
}

/** The part of a path that says which one. */
export function one(id: string) {
  return { params: { path: { id } } };
}

// The form that each change takes some fields of; the document cannot say which it is.
type Forms = {
  '/auth/me': { name: string };
  '/staff/{id}': Schemas['AccountInput'];
  '/settings': Schemas['Settings'];
  '/clients/{id}': Schemas['ClientInput'];
  '/programs/{id}': Schemas['ProgramInput'];
  '/occurrences/{id}': Schemas['OccurrenceInput'];
  '/bookings/{id}': { note: string };
  '/audio-notes/{id}': { title: string };
  '/drafts/{id}': Schemas['DraftInput'];
};
type Changed<Path extends keyof Forms> = paths[Path]['patch']['responses'][200]['content']['application/json'];

/**
 * Changes what is named (null takes a field away) by a JSON merge patch; with a version, only if nobody else has
 * changed it since.
 */
export async function change<Path extends keyof Forms>(
  path: Path,
  id: Path extends `${string}{id}` ? string : null,
  fields: { [Field in keyof Forms[Path]]?: Forms[Path][Field] | null },
  version?: number
): Promise<Changed<Path>> {
  return (await changed(path, id, fields, version)).data;
}

/** As `change`, with the version that it has then. */
export function changed<Path extends keyof Forms>(
  path: Path,
  id: Path extends `${string}{id}` ? string : null,
  fields: { [Field in keyof Forms[Path]]?: Forms[Path][Field] | null },
  version?: number
): Promise<{ data: Changed<Path>; version: number }> {
  const call = { params: { path: { id: id ?? '' } }, body: fields as never, headers: ifMatch(version) };
  return tagged(api.PATCH(path as '/programs/{id}', call)) as unknown as Promise<{ data: Changed<Path>; version: number }>;
}

/** Only if it is still of this version (RFC 9110 §13.1.1). */
export function ifMatch(version?: number): Record<string, string> | undefined {
  return version === undefined ? undefined : { 'if-match': `"${version}"` };
}
