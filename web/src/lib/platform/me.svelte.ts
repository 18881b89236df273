// Who is signed in; the layout finds out.
import type { Schemas } from './api';

class Me {
  account = $state.raw<Schemas['Account'] | null>(null);

  get id(): string {
    return this.account?.id ?? '';
  }
}

export const me = new Me();
