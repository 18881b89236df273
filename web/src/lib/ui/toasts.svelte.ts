// Short messages at the edge: what was done, with a way back where there is one.
export type Toast = { id: number; text: string; tone: 'good' | 'bad' | 'plain'; undo?: () => unknown; link?: { href: string; text: string }; until: number };

class Toasts {
  items = $state<Toast[]>([]);
  #next = 1;
  #timers = new Map<number, ReturnType<typeof setTimeout>>();

  /** Shows it; longer when it can be undone. */
  show(text: string, options: { tone?: Toast['tone']; undo?: () => unknown; link?: Toast['link']; seconds?: number } = {}): number {
    const id = this.#next++;
    const seconds = options.seconds ?? (options.undo || options.link ? 8 : 5);
    this.items.push({ id, text, tone: options.tone ?? 'good', undo: options.undo, link: options.link, until: Date.now() + seconds * 1000 });
    this.#timers.set(id, setTimeout(() => this.away(id), seconds * 1000));
    return id;
  }

  away(id: number) {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    this.items = this.items.filter((one) => one.id !== id);
  }

  /** Keeps it while somebody reads it. */
  hold(id: number) {
    clearTimeout(this.#timers.get(id));
  }

  release(id: number) {
    this.#timers.set(id, setTimeout(() => this.away(id), 3000));
  }

  async undo(toast: Toast) {
    this.away(toast.id);
    await toast.undo?.();
  }
}

export const toasts = new Toasts();
