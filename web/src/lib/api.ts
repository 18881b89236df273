// Calls of the API. The shapes come from the OpenAPI document (npm run api).
import type { components } from './schema';

export type Schemas = components['schemas'];
export type Page<T> = { items: T[]; next_cursor?: string | null };
export type Money = { amount: number; currency: string };

export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly errors: { field: string; message: string }[] = []
  ) {
    super(detail);
  }
}

function problem(status: number, text: string): Problem {
  try {
    const body = JSON.parse(text);
    return new Problem(status, body.code, body.detail, body.errors ?? []);
  } catch {
    return new Problem(status, 'unknown', 'The server gave no usable answer. Try again in a moment.');
  }
}

function key(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function call<T>(method: string, path: string, body?: unknown, version?: number): Promise<T> {
  const headers: Record<string, string> = {};
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (method === 'POST') headers['idempotency-key'] = key();
  if (version !== undefined) headers['if-match'] = `"${version}"`;
  let reply: Response;
  try {
    reply = await fetch(`/api/v1${path}`, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch {
    throw new Problem(0, 'offline', 'The desk cannot be reached. Check the connection and try again.');
  }
  const text = await reply.text();
  if (!reply.ok) throw problem(reply.status, text);
  return (text ? JSON.parse(text) : undefined) as T;
}

export const get = <T>(path: string) => call<T>('GET', path);
export const post = <T>(path: string, body: unknown = {}) => call<T>('POST', path, body);
export const patch = <T>(path: string, body: unknown, version?: number) => call<T>('PATCH', path, body, version);
export const del = (path: string) => call<void>('DELETE', path);

/** Sends files as a form; fetch tells no progress of an upload, XMLHttpRequest does. */
export function upload<T>(path: string, files: Iterable<File>, progress: (part: number) => void): Promise<T> {
  return new Promise((done, failed) => {
    const form = new FormData();
    for (const file of files) form.append('file', file, file.name);
    const request = new XMLHttpRequest();
    request.open('POST', `/api/v1${path}`);
    request.upload.onprogress = (event) => event.lengthComputable && progress(event.loaded / event.total);
    request.onload = () =>
      request.status < 300 ? done(JSON.parse(request.responseText)) : failed(problem(request.status, request.responseText));
    request.onerror = () => failed(new Problem(0, 'offline', 'The upload broke off. Check the connection and try again.'));
    request.send(form);
  });
}

export function money(value: Money | undefined | null): string {
  if (!value) return '–';
  const format = new Intl.NumberFormat(undefined, { style: 'currency', currency: value.currency });
  return format.format(value.amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}

export function minor(text: string, currency: string): Money {
  const digits = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
  return { amount: Math.round(Number(text.replace(',', '.')) * 10 ** digits), currency };
}

/** A wall-clock time as it is said, in no other zone than its own. */
export function wall(local: string): string {
  const at = new Date(`${local}:00Z`);
  return new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' }).format(at);
}

export function when(instant: string): string {
  return new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(instant));
}

export function words(status: string): string {
  return status.replaceAll('_', ' ');
}

export function bytes(size: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const step = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(size, 1)) / 10));
  return `${(size / 1024 ** step).toFixed(step ? 1 : 0)} ${units[step]}`;
}
