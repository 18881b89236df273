// The uploads of this browser tab: one queue that lives while the tab does, whatever page it shows.
import { DetailedError, Upload } from 'tus-js-client';
import { t } from '$lib/base/words.svelte';
import { answer, api, problem } from '$lib/platform/api';
import { changed } from '$lib/platform/queries';
import type { Limit } from './limits';
import { refusal } from './limits';
import { kindOf, metadataOf, mixed, ownerOf, placeFor, samePlace, type Place } from './place';
import { claim, Drawer, dropHandle, findHandle, free, keepHandle, offsetOf, type Handle } from './unfinished';

/** Uploads that run at the same time; the rest wait. */
const ABREAST = 3;
/** The first bytes tell the type; sent alone, they let a refusal be heard before much is on its way. */
const FIRST = 64 * 1024;
/** At most this much in one request, so that a proxy that gathers bodies does not hold the whole file back. */
const CHUNK = 32 * 1024 * 1024;
/** Seconds before the next try, longer with each that fails. */
const PATIENCE = [1, 2, 4, 8, 15, 30];
/** Speed is what was sent in the last so many milliseconds. */
const WINDOW = 4000;
/**
 * Milliseconds in which nothing has moved: then the connection is dead, though nobody said so. Longer than the desk
 * makes anybody wait for a share of its memory or disk.
 */
const DEAD = 90_000;
const ENDPOINT = '/api/v1/uploads';

/**
 * `waiting` for its turn, `sending`, `paused` by hand, `broken` off and tried again by itself, `left` by an earlier
 * visit and in need of its file, `done`, `failed` at the desk, or `refused` before it began.
 */
export type State = 'waiting' | 'sending' | 'paused' | 'broken' | 'left' | 'done' | 'failed' | 'refused';

type Note = { id: string; url: string; name: string; size: number; type: string; modified: number; place: Place };
const notes = new Drawer<Note>('upload');

/** One file on its way. */
export class Transfer {
  state = $state<State>('waiting');
  /** Bytes. */
  sent = $state(0);
  /** Bytes a second; 0 while nothing can be said. */
  speed = $state(0);
  /** Why it stands still, in words. */
  reason = $state('');
  /** Whether the browser can open the file again by itself. */
  handle = $state.raw<Handle | undefined>();
  file: File | undefined;
  url = '';
  /** The HTTP status of the refusal, when the desk refused. */
  status = 0;
  tries = 0;
  upload: Upload | undefined;
  release: (() => void) | undefined;
  timer: ReturnType<typeof setTimeout> | undefined;
  /** When something last moved, by the browser's own clock. */
  moved = 0;
  private seen: [at: number, sent: number][] = [];

  constructor(
    readonly id: string,
    readonly turn: number,
    readonly name: string,
    readonly size: number,
    readonly type: string,
    readonly modified: number,
    readonly place: Place
  ) {}

  /** Seconds, as far as can be told. */
  get left(): number {
    return this.speed ? (this.size - this.sent) / this.speed : Infinity;
  }

  /** Whether another try may help: not when the desk has said what is wrong with the file. */
  get again(): boolean {
    return [0, 401, 507].includes(this.status);
  }

  /** Whether it could go on. */
  get stands(): boolean {
    return ['paused', 'broken', 'left', 'failed'].includes(this.state);
  }

  /** Whether work on it goes on without anybody. */
  get busy(): boolean {
    return this.state === 'waiting' || this.state === 'sending' || this.state === 'broken';
  }

  progress(sent: number): void {
    const now = performance.now();
    this.moved = now;
    this.sent = sent;
    this.seen.push([now, sent]);
    while (this.seen.length > 2 && now - this.seen[0][0] > WINDOW) this.seen.shift();
    const [at, before] = this.seen[0];
    if (now - at > 500) this.speed = Math.max(0, ((sent - before) / (now - at)) * 1000);
  }

  still(): void {
    this.moved = performance.now();
    this.seen = [];
    this.speed = 0;
  }
}

class Uploads {
  items = $state<Transfer[]>([]);
  limits = $state<Limit[]>([]);
  /** What was last said, for those who cannot see the bars. */
  said = $state('');
  /** How many files of a program or a client have arrived: whoever shows it looks again when this changes. */
  arrived = $state<Record<string, number>>({});
  private account = '';
  // Files that arrived at a place, in the order in which they were chosen.
  private came: { place: Place; turn: number; media: string }[] = [];
  private turns = 0;

  busy = $derived(this.items.some((item) => item.busy));

  /** Begins for whoever is signed in, with what their earlier visits left. */
  async enter(account: string): Promise<void> {
    if (this.account === account) {
      // Signed in again: what was refused for want of a session goes on.
      for (const item of this.items) if (item.state === 'failed' && item.status === 401) this.resume(item);
      return;
    }
    if (!this.account) {
      addEventListener('online', () => this.items.filter((item) => item.state === 'broken').forEach((item) => this.resume(item)));
      addEventListener('offline', () => this.items.filter((item) => item.state === 'sending').forEach((item) => this.interrupt(item)));
      addEventListener('beforeunload', (event) => {
        if (this.busy) event.preventDefault();
      });
      setInterval(() => this.watch(), 1000);
    }
    this.leave();
    this.account = account;
    void this.learn();
    await Promise.all(notes.all(account).map((note) => this.recall(note)));
  }

  /** Asks the desk what it takes. Without an answer everything is tried, and the desk judges. */
  async learn(): Promise<void> {
    this.limits = await answer(api.GET('/media/limits')).then((known) => known.items, () => this.limits);
  }

  /** Stops everything; what is unfinished can go on at the next visit. */
  leave(): void {
    for (const item of this.items) {
      this.halt(item, 'paused');
      this.letGo(item);
    }
    this.items = [];
    this.account = '';
  }

  limit(place: Place): Limit | undefined {
    // What is taken depends on the file.
    if (mixed(place) && !place.kind) return undefined;
    const limit = this.limits.find((one) => one.kind === kindOf(place));
    // Paper takes two of the types that screens take.
    return limit && place.role === 'logo' ? { ...limit, content_types: ['image/jpeg', 'image/png'] } : limit;
  }

  of(place: Place): Transfer[] {
    return this.items.filter((item) => samePlace(item.place, place));
  }

  /**
   * Pictures sent side by side arrive as they like. Once all are there: the same pictures, those that were sent in the
   * order in which they were chosen. Nothing when they stand well.
   */
  ordered(place: Place, shown: string[]): string[] | undefined {
    if (this.of(place).some((item) => item.busy)) return undefined;
    const sent = this.came.filter((one) => samePlace(one.place, place));
    if (!sent.every((one) => shown.includes(one.media))) return undefined;
    const chosen = sent.sort((one, other) => one.turn - other.turn).map((one) => one.media);
    this.arranged(place);
    const next = shown.map((media) => (chosen.includes(media) ? chosen[shown.filter((one) => chosen.includes(one)).indexOf(media)] : media));
    return next.every((media, at) => media === shown[at]) ? undefined : next;
  }

  /** Somebody has put them in order: how they were chosen counts no more. */
  arranged(place: Place): void {
    this.came = this.came.filter((one) => !samePlace(one.place, place));
  }

  /** The file that arrived at a place last. */
  last(place: Place): string | undefined {
    return this.came.findLast((one) => samePlace(one.place, place))?.media;
  }

  /** Takes files in; each is judged by itself. */
  add(files: Iterable<File>, place: Place, found: (Handle | undefined)[] = []): void {
    let at = 0;
    for (const file of files) {
      const handle = found[at++];
      const known = this.of(place).find((item) => item.state === 'left' && isSame(item, file));
      if (known) {
        known.file = file;
        known.handle = handle;
        this.resume(known);
        continue;
      }
      const item = this.made(crypto.getRandomValues(new Uint32Array(3)).join('-'), file, placeFor(place, file));
      item.file = file;
      item.handle = handle;
      const reason = refusal(file, this.limit(item.place));
      if (reason) this.refuse(item, reason);
    }
    this.next();
  }

  /** Says no to something that is not even a file of the right sort. */
  deny(name: string, place: Place, reason: string): void {
    this.refuse(this.made(crypto.getRandomValues(new Uint32Array(3)).join('-'), new File([], name), place), reason);
  }

  /** Says that something new belongs to this program or client. */
  tell(owner: string, said: string): void {
    this.said = said;
    this.arrived[owner] = (this.arrived[owner] ?? 0) + 1;
  }

  pause(item: Transfer): void {
    this.halt(item, 'paused');
    this.next();
  }

  /** Goes on where it stopped; opens the file again when the page was closed meanwhile and the browser can. */
  async resume(item: Transfer): Promise<void> {
    if (!item.stands) return;
    clearTimeout(item.timer);
    item.reason = '';
    item.status = 0;
    if (!item.file && item.handle) {
      try {
        const allowed = await item.handle.requestPermission?.({ mode: 'read' });
        if (allowed === undefined || allowed === 'granted') item.file = await item.handle.getFile();
      } catch {
        // Moved or forbidden: then it is chosen by hand.
      }
      if (item.file && !isSame(item, item.file)) item.file = undefined;
      if (!item.file) item.handle = undefined;
    }
    if (!item.stands) return; // The browser asked, and meanwhile it went on otherwise.
    item.state = item.file ? 'waiting' : 'left';
    this.next();
  }

  /** Takes it back, also from the desk. */
  async cancel(item: Transfer): Promise<void> {
    this.halt(item, 'paused');
    this.forget(item);
    this.items = this.items.filter((other) => other !== item);
    this.next();
    // What cannot be taken back now expires at the desk by itself.
    if (item.url) await Upload.terminate(item.url, { retryDelays: [1000, 3000] }).catch(() => undefined);
  }

  /** Nothing tells that nothing happens. */
  private watch(): void {
    for (const item of this.items) {
      if (item.state !== 'sending') continue;
      const silence = performance.now() - item.moved;
      if (silence > DEAD) this.interrupt(item, t('media.why_silent'));
      else if (silence > WINDOW) item.speed = 0;
    }
  }

  private made(id: string, file: File, place: Place): Transfer {
    const item = new Transfer(id, (this.turns += 1), file.name, file.size, file.type, file.lastModified, place);
    this.items.push(item);
    return item;
  }

  private refuse(item: Transfer, reason: string): void {
    item.state = 'refused';
    item.reason = reason;
    this.said = t('media.said_refused', { name: item.name, reason });
  }

  private async recall(note: Note): Promise<void> {
    await free(note.id);
    // While we waited, another tab may have brought it to its end.
    if (!notes.has(this.account, note.id) || this.items.some((item) => item.id === note.id)) return;
    const item = new Transfer(note.id, (this.turns += 1), note.name, note.size, note.type, note.modified, note.place);
    item.state = 'left';
    item.url = note.url;
    this.items.push(item);
    item.handle = await findHandle(note.id);
    const offset = await offsetOf(note.url);
    if (item.state !== 'left') return; // Its file was chosen meanwhile, and the upload itself asks how far it is.
    if (offset === 'gone' || offset === note.size) {
      this.forget(item);
      this.items = this.items.filter((other) => other !== item);
      return;
    }
    item.sent = offset ?? 0;
    if ((await item.handle?.queryPermission?.({ mode: 'read' })) === 'granted') await this.resume(item);
  }

  private next(): void {
    let free = ABREAST - this.items.filter((item) => item.state === 'sending').length;
    for (const item of this.items) {
      if (free <= 0) return;
      if (item.state !== 'waiting') continue;
      free -= 1;
      item.state = 'sending';
      item.still();
      void this.send(item);
    }
  }

  private async send(item: Transfer): Promise<void> {
    item.release ??= await claim(item.id);
    if (!item.release) {
      this.fail(item, t('media.why_tab'));
      return;
    }
    if (item.state !== 'sending') return;
    if (!navigator.onLine) return this.interrupt(item);
    const upload: Upload = new Upload(item.file!, {
      ...(item.url ? { uploadUrl: item.url } : { endpoint: ENDPOINT }),
      metadata: metadataOf(item.place, item.name),
      chunkSize: item.url ? CHUNK : FIRST,
      // We keep our own notes and try again by ourselves, to be able to say what goes on.
      storeFingerprintForResuming: false,
      retryDelays: null,
      onUploadUrlAvailable: () => this.began(item, upload.url),
      onProgress: (sent) => item.upload === upload && item.progress(sent),
      onChunkComplete: () => {
        item.tries = 0;
        upload.options.chunkSize = CHUNK;
      },
      onSuccess: ({ lastResponse }) => this.finish(item, lastResponse.getHeader('Media-Id')),
      onError: (error) => item.upload === upload && void this.stumble(item, error)
    });
    item.upload = upload;
    upload.start();
  }

  private began(item: Transfer, url: string | null): void {
    if (!url || item.url === url) return;
    item.url = url;
    const { id, name, size, type, modified, place } = item;
    notes.put(this.account, { id, url, name, size, type, modified, place });
    if (item.handle) void keepHandle(id, item.handle);
  }

  private finish(item: Transfer, media: string | undefined): void {
    item.state = 'done';
    if (media) this.came.push({ place: item.place, turn: item.turn, media });
    item.sent = item.size;
    this.forget(item);
    this.tell(ownerOf(item.place), t('media.said_done', { name: item.name }));
    void changed('media');
    setTimeout(() => (this.items = this.items.filter((other) => other !== item)), 2000);
    this.next();
  }

  private async stumble(item: Transfer, error: Error): Promise<void> {
    const reply = error instanceof DetailedError ? error.originalResponse : null;
    const status = reply?.getStatus() ?? 0;
    if (item.url && [403, 404, 410].includes(status)) {
      // The desk has forgotten it: from the beginning.
      notes.drop(this.account, item.id);
      item.url = '';
      item.sent = 0;
      item.still();
      return item.tries++ < PATIENCE.length ? this.send(item) : this.fail(item, problem(status, reply?.getBody() ?? '').message);
    }
    if (reply && ![409, 423, 429].includes(status) && (status < 500 || status === 507)) {
      item.status = status;
      item.upload = undefined;
      // A full disk can be helped; of a wrong file nothing stays.
      if (!item.again) this.forget(item);
      return this.fail(item, status === 401 ? t('media.why_signed_out') : problem(status, reply.getBody()).message);
    }
    if (!(await readable(item.file!))) {
      this.halt(item, 'left');
      item.file = item.handle = undefined;
      item.reason = t('media.why_moved');
      return this.next();
    }
    this.interrupt(item, t(reply ? 'media.why_busy' : 'media.why_broken'));
  }

  /** It cannot go on now: try again by itself, later and later. */
  private interrupt(item: Transfer, why = ''): void {
    this.halt(item, 'broken');
    if (!navigator.onLine) {
      item.reason = t('media.why_offline');
    } else {
      const wait = PATIENCE[Math.min(item.tries++, PATIENCE.length - 1)];
      item.reason = t('media.again_by_itself', { why });
      item.timer = setTimeout(() => void this.resume(item), wait * 1000);
    }
    this.next();
  }

  private fail(item: Transfer, reason: string): void {
    this.halt(item, 'failed');
    item.reason = reason;
    this.said = t('media.said_failed', { name: item.name, reason });
    this.next();
  }

  private halt(item: Transfer, state: State): void {
    clearTimeout(item.timer);
    if (item.state === 'done' || item.state === 'refused') return;
    item.state = state;
    item.still();
    void item.upload?.abort();
    item.upload = undefined;
  }

  private letGo(item: Transfer): void {
    item.release?.();
    item.release = undefined;
  }

  private forget(item: Transfer): void {
    notes.drop(this.account, item.id);
    void dropHandle(item.id);
    this.letGo(item);
  }
}

function isSame(item: Transfer, file: File): boolean {
  return item.name === file.name && item.size === file.size && item.modified === file.lastModified;
}

async function readable(file: File): Promise<boolean> {
  return file.slice(0, 1).arrayBuffer().then(() => true, () => false);
}

export const uploads = new Uploads();
