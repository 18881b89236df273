// Light, dark, high contrast, or as the system has it.
export type Look = 'system' | 'light' | 'dark' | 'contrast';
const KEY = 'deskbell.look';

class Looks {
  asked = $state<Look>((typeof localStorage === 'undefined' ? null : (localStorage.getItem(KEY) as Look | null)) ?? 'system');

  choose(look: Look) {
    this.asked = look;
    localStorage.setItem(KEY, look);
    this.show();
  }

  show() {
    const wants = (query: string) => matchMedia(query).matches;
    const system = wants('(prefers-contrast: more)') ? 'contrast' : wants('(prefers-color-scheme: dark)') ? 'dark' : 'light';
    document.documentElement.dataset.look = this.asked === 'system' ? system : this.asked;
  }

  /** Follows the system from now on. */
  follow(): () => void {
    const lists = ['(prefers-contrast: more)', '(prefers-color-scheme: dark)'].map((query) => matchMedia(query));
    const show = () => this.show();
    for (const list of lists) list.addEventListener('change', show);
    return () => lists.forEach((list) => list.removeEventListener('change', show));
  }
}

export const looks = new Looks();
