// Who is signed in; the layout finds out.
import type { Schemas } from './api';

class Me {
  account = $state.raw<Schemas['Account'] | null>(null);
  /** The desk does not know them any more: signed out elsewhere, or away for too long. */
  ended = $state(false);

  get id(): string {
    return this.account?.id ?? '';
  }
}

export const me = new Me();
