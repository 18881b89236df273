// What a closed page leaves behind: notes in the browser's own storage of uploads that can go on.

/** A drawer of notes of one sort, apart for each account of this browser. */
export class Drawer<Note extends { id: string }> {
  constructor(private readonly sort: string) {}

  private key(account: string, id: string): string {
    return `deskbell.${this.sort}.${account}.${id}`;
  }

  all(account: string): Note[] {
    const found: Note[] = [];
    try {
      for (const key of Object.keys(localStorage)) {
        if (key.startsWith(this.key(account, ''))) found.push(JSON.parse(localStorage[key]));
      }
    } catch {
      // A browser without storage remembers nothing; uploads work all the same.
    }
    return found;
  }

  has(account: string, id: string): boolean {
    return this.all(account).some((note) => note.id === id);
  }

  put(account: string, note: Note): void {
    try {
      localStorage.setItem(this.key(account, note.id), JSON.stringify(note));
    } catch {
      // As above.
    }
  }

  drop(account: string, id: string): void {
    try {
      localStorage.removeItem(this.key(account, id));
    } catch {
      // As above.
    }
  }
}

/** Says to the other tabs that this one works on it. Answers how to let go, or nothing when another tab has it. */
export function claim(id: string): Promise<(() => void) | undefined> {
  // Browsers know locks only over HTTPS or on the machine itself; elsewhere tabs do not know of each other.
  if (!navigator.locks) return Promise.resolve(() => undefined);
  return new Promise((answer) => {
    void navigator.locks.request(`deskbell.${id}`, { ifAvailable: true }, (lock) => {
      if (!lock) return answer(undefined);
      return new Promise<void>((release) => answer(release));
    });
  });
}

/** Waits until no tab works on it; a page that is being reloaded lets go a moment after the next one begins. */
export async function free(id: string): Promise<void> {
  await navigator.locks?.request(`deskbell.${id}`, () => undefined);
}

/** How far the desk has it; `gone` when the desk knows it no more; nothing when that cannot be said now. */
export async function offsetOf(url: string): Promise<number | 'gone' | undefined> {
  try {
    const reply = await fetch(url, { method: 'HEAD', headers: { 'tus-resumable': '1.0.0' }, cache: 'no-store', signal: AbortSignal.timeout(20_000) });
    if ([403, 404, 410].includes(reply.status)) return 'gone';
    const offset = Number.parseInt(reply.headers.get('upload-offset') ?? '', 10);
    return reply.ok && Number.isFinite(offset) ? offset : undefined;
  } catch {
    return undefined;
  }
}

// Some browsers hand out a lasting way to a file; it is no text, so it lies in IndexedDB.
export interface Handle {
  getFile(): Promise<File>;
  queryPermission?(how: { mode: 'read' }): Promise<PermissionState>;
  requestPermission?(how: { mode: 'read' }): Promise<PermissionState>;
}

async function handles<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T>): Promise<T | undefined> {
  try {
    const database = await done(opened());
    const found = await done(work(database.transaction('handles', mode).objectStore('handles')));
    database.close();
    return found;
  } catch {
    return undefined; // No such storage here: then the file is chosen again.
  }
}

function opened(): IDBOpenDBRequest {
  const opening = indexedDB.open('deskbell', 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore('handles');
  return opening;
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((answer, fail) => {
    request.onsuccess = () => answer(request.result);
    request.onerror = () => fail(request.error);
  });
}

export const keepHandle = (id: string, handle: Handle) => handles('readwrite', (store) => store.put(handle, id));
export const findHandle = (id: string) => handles<Handle | undefined>('readonly', (store) => store.get(id));
export const dropHandle = (id: string) => handles('readwrite', (store) => store.delete(id));
