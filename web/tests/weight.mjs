// What a first visit loads: BASE_URL says where. Compressed script of each page, as it came over the wire; sign-in under
// 150 KiB, every page under 300 KiB; and what the pages add to the binary, under 4 MiB.
import { readdirSync, statSync } from 'node:fs';
import { desk, launch, settled } from './browser.mjs';
import { pages } from './pages.mjs';

const base = process.env.BASE_URL;
const KIB = 1024;
const browser = await launch();
const list = await desk(browser, base);
const all = await pages(list.context.request);
await list.context.close();
let wrong = 0;
for (const { name, path, signedIn } of all) {
  const { context, page } = await desk(browser, base, { signedIn });
  const session = await context.newCDPSession(page);
  await session.send('Network.enable');
  const scripts = new Map();
  session.on('Network.responseReceived', ({ requestId, type, response }) => {
    if (type === 'Script' || /\.js$/.test(response.url)) scripts.set(requestId, 0);
  });
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => scripts.has(requestId) && scripts.set(requestId, encodedDataLength));
  await page.goto(path);
  await settled(page).catch(() => (wrong++, console.log(`${name}: no heading`)));
  const size = [...scripts.values()].reduce((sum, one) => sum + one, 0);
  const most = (name === 'login' ? 150 : 300) * KIB;
  if (size > most || size === 0) wrong += 1;
  console.log(`${size > most || size === 0 ? 'TOO MUCH ' : ''}${name}: ${(size / KIB).toFixed(0)} KiB of script in ${scripts.size} files`);
  await context.close();
}
await browser.close();
const dist = new URL('../dist/', import.meta.url);
const embedded = readdirSync(dist, { recursive: true, withFileTypes: true }).filter((one) => one.isFile()).reduce((sum, one) => sum + statSync(`${one.parentPath}/${one.name}`).size, 0);
if (embedded > 4 * KIB * KIB) wrong += 1;
console.log(`${(embedded / KIB).toFixed(0)} KiB of pages in the binary`);
process.exit(wrong ? 1 : 0);
