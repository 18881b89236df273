// Names the look and the language before the first paint; a file of its own, since no inline script may run.
(() => {
  const root = document.documentElement;
  const kept = (key) => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  };
  const asked = kept('deskbell.look') ?? 'system';
  const wants = (query) => matchMedia(query).matches;
  const system = wants('(prefers-contrast: more)') ? 'contrast' : wants('(prefers-color-scheme: dark)') ? 'dark' : 'light';
  root.dataset.look = asked === 'system' ? system : asked;
  const languages = ['en', 'de', 'fr', 'es'];
  const found = [kept('deskbell.language'), ...navigator.languages.map((tag) => tag.slice(0, 2))].find((tag) => languages.includes(tag));
  root.lang = found ?? 'en';
})();
