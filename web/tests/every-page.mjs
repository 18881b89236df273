// Every page of the desk on the demo data: BASE_URL says where. axe finds nothing in three looks, nothing is wider than a
// phone, nothing is asked of another host, the console stays silent, and four languages leave no word untranslated.
import axe from 'axe-core';
import { desk, launch, settled } from './browser.mjs';
import { pages } from './pages.mjs';

const base = process.env.BASE_URL;
const only = (process.env.ONLY ?? '').split(',').filter(Boolean);
const browser = await launch();
const faults = [];
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** What axe says of the page as it is. */
async function judged(page) {
  await page.evaluate(`if (!window.axe) { ${axe.source} }`);
  const { violations } = await page.evaluate((tags) => window.axe.run(document, { runOnly: tags, resultTypes: ['violations'] }), TAGS);
  return violations.map((one) => `${one.id}: ${one.help}: ${one.nodes.slice(0, 3).map((node) => node.target.join(' ')).join(' | ')}`);
}

/** Walks through all pages in one window and gathers what is wrong. */
async function walk(name, window, look) {
  const { context, page, complaints } = await desk(browser, base, window);
  for (const one of await pages(context.request)) {
    if (only.length && !only.includes(one.name)) continue;
    if (!one.signedIn) continue;
    await page.goto(one.path);
    await settled(page).catch(() => faults.push(`${one.name} (${name}): no heading within 15 s`));
    for (const said of await look(page, one)) faults.push(`${one.name} (${name}): ${said}`);
    const heading = await page.locator('h1').count();
    if (heading !== 1) faults.push(`${one.name} (${name}): ${heading} headings of the first level`);
  }
  await context.clearCookies();
  if (!only.length || only.includes('login')) {
    await page.goto('/login');
    await settled(page);
    for (const said of await look(page, { name: 'login' })) faults.push(`login (${name}): ${said}`);
  }
  faults.push(...complaints.map((said) => `${name}: ${said}`));
  await context.close();
}

async function wider(page) {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  return over > 0 ? [`${over} px wider than the window`] : [];
}

// What finds nothing must be able to find something.
{
  const { context, page } = await desk(browser, base, { signedIn: false });
  await page.goto('/login');
  await settled(page);
  await page.evaluate(() => {
    document.body.append(document.createElement('img'));
    document.body.insertAdjacentHTML('beforeend', '<div style="width: 9999px">common.nothing_here</div>');
  });
  const seen = [...(await judged(page)), ...(await wider(page))].join('\n');
  if (!seen.includes('image-alt') || !seen.includes('wider')) throw new Error(`the judge is asleep: ${seen}`);
  await context.close();
}

const both = async (page) => [...(await judged(page)), ...(await wider(page))];
await walk('light, 1280', { width: 1280, look: 'light' }, both);
await walk('dark, 360', { width: 360, height: 740, look: 'dark', hasTouch: true }, both);
await walk('contrast, 1920', { width: 1920, height: 1080, look: 'contrast' }, both);
await walk('light, 3840', { width: 3840, height: 2160, look: 'light' }, wider);

// A key that has no phrase is shown as itself: `room.word`.
const keys = async (page) => {
  const text = await page.evaluate(() => `${document.title}\n${document.body.innerText}\n${[...document.querySelectorAll('[aria-label],[title],[placeholder],[alt]')]
    .flatMap((one) => ['aria-label', 'title', 'placeholder', 'alt'].map((name) => one.getAttribute(name) ?? '')).join('\n')}`);
  return [...new Set(text.match(/\b(common|status|problems|shell|setup|accounts|today|calendar|programs|bookings|clients|audio_notes|media|invoices|drafts|payments|reports|settings|system)\.[a-z][a-z_0-9]+\b/g) ?? [])].map((key) => `no words for ${key}`);
};
for (const language of ['de', 'fr', 'es']) {
  await walk(`${language}, 360`, { width: 360, height: 740, language }, async (page) => {
    const lang = await page.evaluate(() => document.documentElement.lang);
    return [...(lang === language ? [] : [`the page says it is ${lang}`]), ...(await keys(page)), ...(await wider(page))];
  });
}

// From right to left nothing runs out of the page.
await walk('right to left, 360', { width: 360, height: 740 }, async (page) => {
  await page.evaluate(() => (document.documentElement.dir = 'rtl'));
  return wider(page);
});

await browser.close();
for (const fault of faults) console.error(fault);
console.log(faults.length ? `${faults.length} faults` : 'every page: no violation, no complaint, nothing too wide');
process.exit(faults.length ? 1 : 0);
