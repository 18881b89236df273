// Recording a note in the page. The sound goes to the desk while it is recorded, so that a closed tab loses what was
// said in the last moment and no more.
import { DetailedError, Upload } from 'tus-js-client';
import { t } from '$lib/base/words.svelte';
import { problem } from '$lib/platform/api';
import { metadataOf, ownerOf, type Place } from '../media/place';
import { claim, Drawer, free, offsetOf } from '../media/unfinished';
import { uploads } from '../media/uploads.svelte';

/** Milliseconds of sound that are handed over at a time. */
const SLICE = 500;
/** Milliseconds between two looks at the level. */
const BEAT = 100;
/** Levels that are kept for the picture of what is being said. */
const SEEN = 96;
/** Milliseconds in which the desk takes nothing of what waits: then the connection is dead, though nobody said so. */
const DEAD = 20_000;
const TYPES = ['audio/webm;codecs=opus', 'audio/ogg;codecs=opus', 'audio/mp4'];

type Note = { id: string; url: string; place: Place; began: string; seconds: number };
const notes = new Drawer<Note>('recording');

/** Sound as it comes: what the tus client reads from while the end is not known. */
class Live {
  readonly size = null;
  private whole = new Blob([]);
  /** Whether nothing more will come. */
  ended = false;
  private wake: (() => void) | undefined;

  /** Bytes that have come. */
  get bytes(): number {
    return this.whole.size;
  }

  add(part: Blob): void {
    this.whole = new Blob([this.whole, part]);
    this.wake?.();
  }

  end(): void {
    this.ended = true;
    this.wake?.();
  }

  /** Whatever there is from `start` on, as soon as there is any; `done` when nothing more will come. */
  async slice(start: number): Promise<{ value: Blob; done: boolean }> {
    // Only the latest who asks is answered: one who asked before a pause of the connection is gone.
    while (!this.ended && this.whole.size <= start) await new Promise<void>((wake) => (this.wake = wake));
    return { value: this.whole.slice(start), done: this.ended };
  }

  close(): void {}
}

/** Nothing more comes after what the desk has. */
class Ended {
  readonly size = null;
  slice = () => Promise.resolve({ value: new Blob([]), done: true });
  close(): void {}
}

function sending(source: Live | Ended, place: Place, filename: string, url?: string): Upload {
  return new Upload(source as unknown as Blob, {
    ...(url ? { uploadUrl: url } : { endpoint: '/api/v1/uploads' }),
    metadata: metadataOf(place, filename),
    uploadLengthDeferred: true,
    fileReader: { openFile: () => Promise.resolve(source as never) },
    storeFingerprintForResuming: false,
    fingerprint: () => Promise.resolve(''),
    retryDelays: null
  });
}

/** Why the microphone cannot be had, and what helps. */
function refused(error: unknown): string {
  switch (error instanceof DOMException ? error.name : '') {
    case 'NotAllowedError':
      return t('audio_notes.no_permission');
    case 'NotFoundError':
    case 'OverconstrainedError':
      return t('audio_notes.no_microphone');
    case 'NotReadableError':
    case 'AbortError':
      return t('audio_notes.microphone_taken');
    default:
      return t('audio_notes.microphone_unusable');
  }
}

class Recording {
  /** `asking` for the microphone; `ending` sends the last of it. */
  state = $state<'idle' | 'asking' | 'recording' | 'paused' | 'ending'>('idle');
  place = $state.raw<Place | null>(null);
  /** Whom it is about, in words. */
  about = $state('');
  seconds = $state(0);
  /** The latest levels, 0 to 1. */
  levels = $state.raw<number[]>([]);
  /** Bytes that the desk has. */
  safe = $state(0);
  /** What went wrong, in words. */
  reason = $state('');
  /** Set while the desk cannot be reached: the sound waits here. */
  waiting = $state(false);
  private account = '';
  private id = '';
  private began = '';
  private filename = '';
  /** Where the desk has it, once it does. */
  private url = '';
  private live = new Live();
  private upload: Upload | undefined;
  private recorder: MediaRecorder | undefined;
  private stream: MediaStream | undefined;
  private ears: AudioContext | undefined;
  private beat: ReturnType<typeof setInterval> | undefined;
  private watch: ReturnType<typeof setInterval> | undefined;
  private moved = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private tries = 0;
  private release: (() => void) | undefined;

  get busy(): boolean {
    return this.state !== 'idle';
  }

  /** Begins for whoever is signed in. */
  enter(account: string): void {
    if (!this.account) {
      addEventListener('beforeunload', (event) => this.busy && event.preventDefault());
      addEventListener('online', () => this.waiting && this.send());
    }
    this.account = account;
  }

  async start(place: Place, about: string): Promise<void> {
    if (this.busy) return;
    this.reason = '';
    if (!navigator.mediaDevices) {
      this.reason = t('audio_notes.needs_https');
      return;
    }
    const type = typeof MediaRecorder === 'undefined' ? undefined : TYPES.find((one) => MediaRecorder.isTypeSupported(one));
    if (!type) {
      this.reason = t('audio_notes.cannot_record');
      return;
    }
    this.state = 'asking';
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: true, noiseSuppression: true } });
    } catch (error) {
      this.reason = refused(error);
      this.state = 'idle';
      return;
    }
    Object.assign(this, { place, about, seconds: 0, levels: [], safe: 0, waiting: false, tries: 0, url: '' });
    this.began = new Date().toISOString();
    this.id = crypto.getRandomValues(new Uint32Array(3)).join('-');
    this.release = await claim(this.id);
    this.live = new Live();
    this.filename = `${new Date().toLocaleString('sv').replaceAll(':', '.')}.${type.includes('mp4') ? 'm4a' : type.includes('ogg') ? 'ogg' : 'webm'}`;
    this.send();
    this.watch = setInterval(() => this.look(), 1000);
    this.listen(this.stream);
    const recorder = new MediaRecorder(this.stream, { mimeType: type, audioBitsPerSecond: 48_000 });
    recorder.ondataavailable = (event) => event.data.size && this.live.add(event.data);
    recorder.onstop = () => this.live.end();
    recorder.onerror = () => this.stop();
    this.stream.getAudioTracks()[0].onended = () => {
      this.reason = t('audio_notes.microphone_gone');
      this.stop();
    };
    recorder.start(SLICE);
    this.recorder = recorder;
    this.state = 'recording';
  }

  pause(): void {
    this.recorder?.pause();
    this.state = 'paused';
  }

  resume(): void {
    this.recorder?.resume();
    this.state = 'recording';
  }

  /** Ends it; the note appears when the desk has all of it. */
  stop(): void {
    if (this.state !== 'recording' && this.state !== 'paused') return;
    this.state = 'ending';
    this.recorder?.stop();
    this.hush();
  }

  /** Ends it and takes it back, also from the desk. */
  async discard(): Promise<void> {
    const { url, upload } = this;
    if (this.recorder) this.recorder.onstop = null;
    if (this.recorder?.state !== 'inactive') this.recorder?.stop();
    this.hush();
    this.finish();
    await upload?.abort();
    if (url) await Upload.terminate(url, { retryDelays: [1000, 3000] }).catch(() => undefined);
  }

  /** Sends what there is and what comes, on from where the desk has it. */
  private send(): void {
    clearTimeout(this.retry);
    this.retry = undefined;
    this.moved = performance.now();
    // One that is given up says nothing any more, whatever its last request comes to.
    const upload = sending(this.live, this.place!, this.filename, this.url);
    const before = this.upload;
    this.upload = upload;
    void before?.abort();
    Object.assign(upload.options, {
      onUploadUrlAvailable: () => {
        if (this.upload !== upload) return;
        this.url = upload.url ?? '';
        this.remember();
      },
      onChunkComplete: (_: number, accepted: number) => {
        if (this.upload !== upload) return;
        this.safe = accepted;
        this.moved = performance.now();
        this.tries = 0;
        this.waiting = false;
      },
      onSuccess: () => {
        if (this.upload !== upload) return;
        const owner = ownerOf(this.place!);
        this.finish();
        uploads.tell(owner, t('audio_notes.kept'));
      },
      onError: (error: Error) => this.upload === upload && this.stumble(error)
    });
    upload.start();
  }

  /** Nothing tells that nothing happens. */
  private look(): void {
    const owed = this.live.ended || this.live.bytes > this.safe;
    if (!owed || this.retry) this.moved = performance.now();
    if (performance.now() - this.moved < DEAD) return;
    this.waiting = true;
    this.send();
  }

  private stumble(error: Error): void {
    const reply = error instanceof DetailedError ? error.originalResponse : null;
    const status = reply?.getStatus() ?? 0;
    if (this.url && [403, 404, 410].includes(status)) {
      // The desk has forgotten it, we have not: from the beginning.
      this.url = '';
      this.safe = 0;
    } else if (reply && status < 500 && ![401, 409, 423, 429].includes(status)) {
      this.reason = problem(status, reply.getBody()).message;
      void this.discard();
      return;
    }
    this.waiting = true;
    this.retry = setTimeout(() => this.send(), Math.min(15, 2 ** this.tries++) * 1000);
  }

  private remember(): void {
    if (!this.url || !this.place) return;
    notes.put(this.account, { id: this.id, url: this.url, place: this.place, began: this.began, seconds: Math.round(this.seconds) });
  }

  /** Watches the level and the clock. */
  private listen(stream: MediaStream): void {
    this.ears = new AudioContext();
    const ear = this.ears.createAnalyser();
    ear.fftSize = 2048;
    this.ears.createMediaStreamSource(stream).connect(ear);
    const wave = new Float32Array(ear.fftSize);
    let last = performance.now();
    this.beat = setInterval(() => {
      const now = performance.now();
      if (this.state === 'recording') {
        const before = Math.floor(this.seconds);
        this.seconds += (now - last) / 1000;
        if (Math.floor(this.seconds) > before) this.remember();
        ear.getFloatTimeDomainData(wave);
        const peak = wave.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
        this.levels = [...this.levels, Math.min(1, Math.sqrt(peak))].slice(-SEEN);
      }
      last = now;
    }, BEAT);
  }

  private hush(): void {
    clearInterval(this.beat);
    for (const track of this.stream?.getTracks() ?? []) {
      track.onended = null;
      track.stop();
    }
    void this.ears?.close();
    this.ears = this.stream = undefined;
  }

  private finish(): void {
    clearTimeout(this.retry);
    this.retry = undefined;
    clearInterval(this.watch);
    notes.drop(this.account, this.id);
    this.release?.();
    this.release = this.recorder = this.upload = undefined;
    this.state = 'idle';
    this.waiting = false;
    this.place = null;
  }
}

export const recording = new Recording();

/** A recording that a closed page left at the desk. */
export type Remnant = Note & { size: number };

/** What closed pages left for this place; each is told when it is sure that no other tab still records it. */
export async function remnants(account: string, place: Place, found: (remnant: Remnant) => void): Promise<void> {
  const here = notes.all(account).filter((note) => ownerOf(note.place) === ownerOf(place));
  await Promise.all(here.map(async (note) => {
    await free(note.id);
    if (!notes.has(account, note.id)) return;
    const size = await offsetOf(note.url);
    if (size === undefined) return;
    if (size === 'gone' || size === 0) return discardRemnant(account, note);
    found({ ...note, size });
  }));
}

/** Says that what the desk has is all of it: the note appears. */
export async function keepRemnant(account: string, note: Note): Promise<void> {
  await new Promise<void>((done, failed) => {
    const upload = sending(new Ended(), note.place, 'recording', note.url);
    upload.options.onSuccess = () => done();
    upload.options.onError = (error) => {
      const reply = error instanceof DetailedError ? error.originalResponse : null;
      failed(problem(reply?.getStatus() ?? 0, reply?.getBody() ?? ''));
    };
    upload.start();
  });
  notes.drop(account, note.id);
}

export async function discardRemnant(account: string, note: Note): Promise<void> {
  notes.drop(account, note.id);
  await Upload.terminate(note.url, { retryDelays: [1000, 3000] }).catch(() => undefined);
}
