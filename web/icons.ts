// Icons as plain SVG: the components of @lucide/svelte build each shape anew when they are shown, which took a quarter of
// the time of a page full of rows. Of their properties the desk uses size, fill and class; an icon is never read aloud.
import { readFileSync } from 'node:fs';
import type { Plugin } from 'vite';

/** A plugin of Vite, to stand before that of Svelte. */
export function icons(): Plugin {
  return {
    name: 'icons',
    enforce: 'pre',
    load(id) {
      const path = id.split('?')[0];
      if (!/\/@lucide\/svelte\/dist\/icons\/[\w-]+\.svelte$/.test(path)) return null;
      const data = /const iconData = (\{.*\});/.exec(readFileSync(path, 'utf8'))?.[1];
      if (!data) throw new Error(`${path} holds no icon: @lucide/svelte has changed`);
      const shapes = (JSON.parse(data) as { node: [string, Record<string, string>][] }).node.map(([tag, attributes]) => `<${tag} ${Object.entries(attributes).map(([name, value]) => `${name}="${value}"`).join(' ')} />`);
      return `<script>let { size = 24, fill = 'none', class: look } = $props();</script>
<svg width={size} height={size} class={look} {fill} viewBox="0 0 24 24" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${shapes.join('')}</svg>`;
    }
  };
}
