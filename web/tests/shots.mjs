// Pictures of every page: node tests/shots.mjs BASE FOLDER [--only NAME,…] [--widths 360,1280,1920] [--looks light,dark] [--language en]
import { mkdirSync } from 'node:fs';
import { desk, launch, settled } from './browser.mjs';
import { pages } from './pages.mjs';

const [base, folder, ...options] = process.argv.slice(2);
const option = (name, other) => (options.includes(`--${name}`) ? options[options.indexOf(`--${name}`) + 1] : other);
const only = option('only', '')?.split(',').filter(Boolean);
mkdirSync(folder, { recursive: true });
const browser = await launch();
let wrong = 0;
for (const look of option('looks', 'light,dark').split(',')) {
  for (const width of option('widths', '360,1280,1920').split(',').map(Number)) {
    const { context, page, complaints } = await desk(browser, base, { width, height: width < 500 ? 740 : 900, look, language: option('language', 'en') });
    for (const { name, path, signedIn } of await pages(context.request)) {
      if (only.length && !only.includes(name)) continue;
      if (!signedIn) continue;
      await page.goto(path);
      await settled(page).catch(() => console.log(`${name}: no heading`));
      const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      if (over > 0) {
        wrong += 1;
        console.log(`${name} at ${width}: ${over} px wider than the window`);
      }
      await page.screenshot({ path: `${folder}/${name}-${width}-${look}.png`, fullPage: true });
    }
    if (!only.length || only.includes('login')) {
      await context.clearCookies();
      await page.goto('/login');
      await settled(page);
      await page.screenshot({ path: `${folder}/login-${width}-${look}.png` });
    }
    wrong += complaints.length;
    for (const one of new Set(complaints)) console.log(one);
    await context.close();
  }
}
await browser.close();
process.exit(wrong ? 1 : 0);
