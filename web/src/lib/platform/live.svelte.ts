// What others change, while it is on the screen: server-sent events (WHATWG HTML §9.2) name the noun and the one.
import { changed, queries } from './queries';

export type Change = { noun: string; id: string; action: string; actor_id: string | null; request_id: string };
type Listener = (change: Change) => void;

/** Changes that come together are looked up together. */
const GATHER = 120;

class Live {
  /** Whether changes are heard at this moment. */
  connected = $state(false);
  #source: EventSource | null = null;
  #listeners = new Set<Listener>();
  #waiting = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  begin() {
    if (this.#source) return;
    const source = new EventSource('/api/v1/live');
    this.#source = source;
    let before = false;
    source.addEventListener('hello', () => {
      this.connected = true;
      // Whatever happened while nobody listened.
      if (before) void queries.invalidateQueries();
      before = true;
    });
    source.addEventListener('missed', () => void queries.invalidateQueries());
    source.addEventListener('changed', (event: MessageEvent<string>) => this.#take(JSON.parse(event.data) as Change));
    source.addEventListener('error', () => (this.connected = false));
  }

  end() {
    this.#source?.close();
    this.#source = null;
    this.connected = false;
  }

  /** Hears every change until the function that comes back is called. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #take(change: Change) {
    for (const listener of this.#listeners) listener(change);
    this.#waiting.add(change.noun);
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      const nouns = [...this.#waiting];
      this.#waiting.clear();
      for (const noun of nouns) void changed(noun);
    }, GATHER);
  }
}

export const live = new Live();
