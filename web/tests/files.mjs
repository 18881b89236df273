// Files in a real browser: BASE_URL and SETUP_TOKEN say where. Pictures by drag and drop, a gallery put in order, a film
// that is paused, cut off and resumed, a note that is spoken. Fails on any console error and on any request to another
// host.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launch } from './browser.mjs';

const base = process.env.BASE_URL;
const token = process.env.SETUP_TOKEN;
const artifacts = process.env.ARTIFACTS ?? mkdtempSync(join(tmpdir(), 'deskbell-browser-'));
const folder = mkdtempSync(join(tmpdir(), 'deskbell-files-'));
const MIB = 1024 * 1024;

const browser = await launch(['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', '--autoplay-policy=no-user-gesture-required']);
const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, permissions: ['microphone'] });
const faults = [];
let page = await tab();

let step = 'begin';
let shots = 0;

async function tab() {
  const made = await context.newPage();
  made.on('console', (message) => {
    // A refused file and a cut connection are what this test is about: the network panel's own words are no fault.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) faults.push(message.text());
  });
  made.on('pageerror', (error) => faults.push(String(error)));
  made.on('request', (request) => {
    if (!request.url().startsWith(base) && !/^(data|blob):/.test(request.url())) faults.push(`another host: ${request.url()}`);
  });
  return made;
}

async function shot(name) {
  await page.screenshot({ path: join(artifacts, `${String((shots += 1)).padStart(2, '0')}-files-${name}.png`), fullPage: true });
}

function check(fact, words) {
  if (!fact) throw new Error(words);
}

/** Asks again until it is so. */
async function until(words, ask, seconds = 20) {
  for (const end = Date.now() + seconds * 1000; ; await page.waitForTimeout(100)) {
    const found = await ask();
    if (found) return found;
    check(Date.now() < end, `not seen within ${seconds} s: ${words}`);
  }
}

async function call(method, path, data) {
  const reply = await context.request.fetch(`${base}/api/v1${path}`, { method, data });
  check(reply.ok(), `${method} ${path}: ${reply.status()} ${await reply.text()}`);
  return reply.status() === 204 ? undefined : reply.json();
}

/** A picture with a word on it, drawn by the browser. */
async function picture(name, colour, type = 'image/png', width = 1200, height = 900) {
  const text = await page.evaluate(async ([name, colour, type, width, height]) => {
    const canvas = new OffscreenCanvas(width, height);
    const brush = canvas.getContext('2d');
    const fade = brush.createLinearGradient(0, 0, width, height);
    fade.addColorStop(0, colour);
    fade.addColorStop(1, '#f4efe6');
    brush.fillStyle = fade;
    brush.fillRect(0, 0, width, height);
    brush.fillStyle = '#fff';
    brush.font = `${height / 6}px sans-serif`;
    brush.fillText(name.split('.')[0], width / 12, height / 2);
    const bytes = new Uint8Array(await (await canvas.convertToBlob({ type })).arrayBuffer());
    return bytes.toBase64?.() ?? btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  }, [name, colour, type, width, height]);
  return file(name, Buffer.from(text, 'base64'));
}

/** Two seconds of a moving square in WebM, and then as much padding (an EBML Void) as makes it a large film. */
async function film(name, size) {
  const text = await page.evaluate(async () => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [320, 180];
    const brush = canvas.getContext('2d');
    const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: 'video/webm;codecs=vp8' });
    const parts = [];
    recorder.ondataavailable = (event) => parts.push(event.data);
    const ended = new Promise((resolve) => (recorder.onstop = resolve));
    recorder.start();
    const began = performance.now();
    await new Promise((resolve) => {
      const timer = setInterval(() => {
        const at = performance.now() - began;
        brush.fillStyle = '#2f6f5e';
        brush.fillRect(0, 0, 320, 180);
        brush.fillStyle = '#fff';
        brush.fillRect((at / 2000) * 260, 60, 60, 60);
        if (at < 2000) return;
        clearInterval(timer);
        resolve();
      }, 40);
    });
    recorder.stop();
    await ended;
    const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
    return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  });
  const head = Buffer.from(text, 'base64');
  const padding = Buffer.alloc(size - head.length, 7);
  padding[0] = 0xec;
  padding.writeBigUInt64BE((1n << 56n) | BigInt(padding.length - 9), 1);
  return file(name, Buffer.concat([head, padding]));
}

function file(name, bytes) {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

/** Drops files on an element: what a mouse from the desktop does. */
async function drop(target, paths, name) {
  await target.scrollIntoViewIfNeeded();
  const box = await target.boundingBox();
  const session = await context.newCDPSession(page);
  const at = { x: box.x + box.width / 2, y: box.y + box.height / 2, data: { items: [], files: paths, dragOperationsMask: 1 } };
  await session.send('Input.dispatchDragEvent', { type: 'dragEnter', ...at });
  await session.send('Input.dispatchDragEvent', { type: 'dragOver', ...at });
  await page.getByText('Let go to upload.').waitFor();
  await shot(name);
  await session.send('Input.dispatchDragEvent', { type: 'drop', ...at });
  await session.detach();
}

const zone = (label) => page.getByRole('group', { name: 'Drop zone' }).filter({ has: page.getByLabel(label, { exact: true }) });
const row = (name) => page.getByRole('listitem').filter({ hasText: name });
const seconds = (clock) => clock.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
const percent = async (name) => Number(await page.getByRole('progressbar', { name }).getAttribute('aria-valuenow'));
const order = async () => (await call('GET', `/programs/${program.id}`)).images.map((image) => image.filename);
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

let program;
let client;
try {
  step = 'set up';
  await page.goto(`${base}/login`);
  if ((await call('GET', '/setup')).needed) {
    await call('POST', '/setup', {
      token, business: { name: 'Atelier Nord', country: 'DE', currency: 'EUR', time_zone: 'Europe/Berlin' },
      owner: { name: 'Ada Adler', email: 'ada@example.org', password: 'correct horse battery' }
    });
  } else await call('POST', '/auth/login', { email: 'ada@example.org', password: 'correct horse battery' });
  program = await call('POST', '/programs', { title: 'Glazing by hand', price: { amount: 4900, currency: 'EUR' } });
  client = await call('POST', '/clients', { name: 'Mary Jackson', email: 'mary@example.org' });
  await page.goto(`${base}/programs/${program.id}`);
  await page.getByRole('heading', { name: 'Glazing by hand' }).waitFor();

  step = 'a poster by drag and drop';
  await drop(zone('Add poster'), [await picture('poster.jpg', '#2f6f5e', 'image/jpeg', 2400, 1600)], 'drop-zone');
  await page.getByAltText('Poster of Glazing by hand').waitFor();
  await until('the poster is drawn', () => page.getByAltText('Poster of Glazing by hand').evaluate((image) => image.complete && image.naturalWidth > 0));

  step = 'a gallery of several, three at a time, two refused and the rest not disturbed';
  let wire = await slow(2 * MIB);
  await page.evaluate(() => {
    window.most = 0;
    const count = () => (window.most = Math.max(window.most, document.querySelectorAll('[data-state="sending"]').length));
    new MutationObserver(count).observe(document.body, { subtree: true, childList: true, attributeFilter: ['data-state'] });
  });
  await page.getByLabel('Gallery images').setInputFiles([
    await picture('one.png', '#7a4fa3'), file('notes.txt', Buffer.from('no picture')), await picture('two.png', '#b4532a'),
    file('three.png', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')), await picture('four.jpg', '#27608f', 'image/jpeg')
  ]);
  for (const name of ['one.png', 'two.png', 'four.jpg']) await page.getByAltText(name).waitFor();
  await row('notes.txt').getByText('Only these are taken here').waitFor();
  await until('three.png is refused by its bytes', async () => (await row('three.png').getAttribute('data-state')) === 'failed');
  await shot('gallery');
  await wire.detach();
  check((await page.evaluate(() => window.most)) === 3, 'three are sent at the same time, no more');
  for (const name of ['notes.txt', 'three.png']) await page.getByRole('button', { name: `Dismiss ${name}` }).click();
  await until('the refusals are gone', async () => (await page.getByText('notes.txt').count()) === 0);

  step = 'pictures in the size that fits';
  await until('a smaller one is shown', () => page.getByAltText('one.png').evaluate((image) => image.complete && image.currentSrc.includes('/variants/')));
  await page.getByText('1200 × 900').first().waitFor();

  step = 'put in order by keyboard';
  const before = ['one.png', 'two.png', 'four.jpg'];
  await until('the pictures stand as they were chosen', async () => same(await order(), before));
  await page.getByRole('button', { name: new RegExp(`^Move ${before[2]}`) }).focus();
  await page.keyboard.press('ArrowLeft');
  await page.getByText(`${before[2]} is now picture 2 of 3.`).waitFor();
  await page.keyboard.press('Home');
  const byKeys = [before[2], before[0], before[1]];
  await until('the order by keys is saved', async () => same(await order(), byKeys));
  check(await page.getByRole('button', { name: `Move ${before[2]}, picture 1 of 3` }).evaluate((grip) => grip === document.activeElement), 'the focus stays on the moved picture');

  step = 'put in order by mouse';
  await until('what is done is cleared away', async () => (await page.locator('li[data-state]').count()) === 0);
  const byMouse = [byKeys[1], byKeys[2], byKeys[0]];
  // The pictures glide while one is dragged: on a busy machine the hand may let go over the wrong one, and takes it again.
  for (let attempt = 0; attempt < 4 && !same(await order(), byMouse); attempt += 1) {
    await page.evaluate(() => Promise.all(document.getAnimations().map((glide) => glide.finished)));
    const last = (await order()).filter((name) => name !== byKeys[0]).at(-1);
    const [from, to] = [await page.getByAltText(byKeys[0]).boundingBox(), await page.getByAltText(last).boundingBox()];
    await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2);
    await page.mouse.down();
    await page.mouse.move(to.x + to.width / 2 - 8, to.y + to.height / 2, { steps: 12 });
    await page.waitForTimeout(300);
    await page.mouse.move(to.x + to.width / 2, to.y + to.height / 2, { steps: 4 });
    if (attempt === 0) await shot('gallery-dragged');
    await page.mouse.up();
    await page.waitForTimeout(1500);
  }
  await until('the order by mouse is saved', async () => same(await order(), byMouse));
  await page.reload();
  await page.getByAltText(byMouse[0]).waitFor();
  check(same(await page.getByRole('list', { name: 'Pictures in order' }).getByRole('img').evaluateAll((all) => all.map((image) => image.alt)), byMouse), 'the order is there after a reload');

  step = 'remove a picture, once asked';
  await page.getByRole('button', { name: `Remove ${byMouse[1]}` }).click();
  await page.getByRole('button', { name: 'Keep it' }).click();
  check((await order()).length === 3, 'nothing is removed before it is confirmed');
  await page.getByRole('button', { name: `Remove ${byMouse[1]}` }).click();
  await page.getByRole('button', { name: 'Remove it' }).click();
  await until('the picture is gone', async () => same(await order(), [byMouse[0], byMouse[2]]));

  step = 'a film: paused';
  const large = await film('film.webm', 40 * MIB);
  wire = await slow(5 * MIB);
  await page.getByLabel(/(Add|Replace) film/).setInputFiles(large);
  await until('the film is on its way', async () => (await percent('film.webm')) >= 10);
  await row('film.webm').getByText(/MiB\/s · .*\sleft/).waitFor();
  await shot('film-sending');
  await page.getByRole('button', { name: 'Pause film.webm' }).click();
  await row('film.webm').getByText('Paused').waitFor();
  const paused = await percent('film.webm');
  await page.waitForTimeout(1500);
  check((await percent('film.webm')) === paused, 'it stands still while it is paused');
  await page.getByRole('button', { name: 'Go on with film.webm' }).click();
  await until('it goes on', async () => (await percent('film.webm')) > paused);

  step = 'a film: other pages do not stop it';
  await page.getByRole('navigation').getByRole('link', { name: 'Clients' }).click();
  await page.getByRole('complementary', { name: 'Uploads' }).getByText('1 upload').waitFor();
  await shot('film-elsewhere');
  await page.getByRole('navigation').getByRole('link', { name: 'Programs' }).click();
  await page.getByRole('link', { name: 'Glazing by hand' }).click();

  step = 'a film: the connection lost, and back';
  await page.getByRole('progressbar', { name: 'film.webm' }).waitFor();
  await context.setOffline(true);
  await row('film.webm').getByText('It goes on by itself').waitFor();
  await shot('film-offline');
  const cut = await percent('film.webm');
  check(cut < 100, 'it is cut before its end');
  await context.setOffline(false);
  await wire.detach();
  wire = await slow(5 * MIB);
  await until('it goes on by itself', async () => (await row('film.webm').getAttribute('data-state')) === 'sending' && (await percent('film.webm')) > 0);

  step = 'a film: the page reloaded, with a warning';
  let warned = false;
  page.once('dialog', (dialog) => {
    warned = dialog.type() === 'beforeunload';
    void dialog.accept();
  });
  await page.reload();
  check(warned, 'leaving during an upload is warned of');
  await row('film.webm').getByText(/Stopped at \d+ % when the page was closed/).waitFor();
  await shot('film-after-reload');
  await until('the desk says how much it has kept', async () => (await percent('film.webm')) >= 10);
  const patches = [];
  page.on('request', (request) => request.method() === 'PATCH' && request.url().includes('/uploads/') && patches.push(Number(request.headers()['upload-offset'])));
  await page.getByLabel(/(Add|Replace) film/).setInputFiles(large);
  await page.locator('video').waitFor({ timeout: 60_000 });
  check(patches[0] >= 4 * MIB, `it goes on from where it was, not from ${patches[0]}`);
  const video = (await call('GET', `/programs/${program.id}`)).video;
  check(video.size === 40 * MIB, `the film is whole, not ${video.size} bytes`);
  await wire.detach();

  step = 'a film: played from a place in it';
  await until('its first frame is there', () => page.locator('video').evaluate((video) => video.readyState >= 1 && video.videoWidth === 320));
  await page.locator('video').evaluate(async (video) => {
    video.muted = true;
    await video.play();
  });
  await until('it plays', () => page.locator('video').evaluate((video) => video.currentTime > 0.2));
  await page.locator('video').evaluate((video) => (video.currentTime = 1));
  await until('it plays on from there', () => page.locator('video').evaluate((video) => !video.seeking && video.currentTime >= 1));
  await page.locator('video').evaluate((video) => video.pause());
  await shot('film');

  step = 'a film that was dropped: the browser opens it again by itself after a reload';
  wire = await slow(5 * MIB);
  await drop(zone('Replace film'), [await film('other.webm', 40 * MIB)], 'film-dropped');
  await until('it is on its way', async () => (await percent('other.webm')) >= 10);
  page.once('dialog', (dialog) => void dialog.accept());
  await page.reload();
  await row('other.webm').waitFor();
  // Where the browser does not remember that it may read the file, it asks, and wants a press for that.
  const again = page.getByRole('button', { name: 'Go on with other.webm' });
  await until('the other film stands there', async () => {
    if (await again.isVisible()) await again.click({ timeout: 500 }).catch(() => undefined);
    return (await call('GET', `/programs/${program.id}`)).video.filename === 'other.webm';
  }, 60);
  await wire.detach();

  step = 'a note: the tab closed in the middle';
  await page.goto(`${base}/clients/${client.id}?tab=notes`);
  await page.getByRole('button', { name: 'Record', exact: true }).click();
  await page.getByRole('timer', { name: 'Recorded' }).getByText('0:03').waitFor();
  await shot('recording');
  const spoken = seconds(await page.getByRole('timer', { name: 'Recorded' }).textContent());
  await page.close();
  page = await tab();
  await page.goto(`${base}/clients/${client.id}?tab=notes`);
  await page.getByText('A recording was cut off.').waitFor();
  await shot('recording-cut-off');
  await page.getByRole('button', { name: 'Keep it' }).click();
  const [saved] = await until('the note is kept', async () => {
    const { items } = await call('GET', `/clients/${client.id}/audio-notes`);
    return items.length === 1 && items;
  });
  const heard = await until('the desk has listened to it', async () => (await call('GET', `/audio-notes/${saved.id}`)).duration_seconds);
  check(heard >= spoken - 1, `of ${spoken} s at most one is lost, but ${heard} s are there`);
  await until('nothing is left over', async () => (await page.getByText('A recording was cut off.').count()) === 0);

  step = 'a note: recorded, with a pause, and without a connection for a while';
  await page.getByRole('button', { name: 'Record', exact: true }).click();
  await page.getByRole('timer', { name: 'Recorded' }).getByText('0:02').waitFor();
  await page.getByRole('button', { name: 'Pause' }).click();
  const stood = await page.getByRole('timer', { name: 'Recorded' }).textContent();
  await page.waitForTimeout(1500);
  check((await page.getByRole('timer', { name: 'Recorded' }).textContent()) === stood, 'the clock stands in a pause');
  await context.setOffline(true);
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByText('No connection. It goes on; the sound is sent later.').waitFor();
  await page.getByRole('timer', { name: 'Recorded' }).getByText('0:04').waitFor();
  await context.setOffline(false);
  await page.getByRole('button', { name: 'Stop and keep' }).click();
  await until('both notes are there', async () => (await call('GET', `/clients/${client.id}/audio-notes`)).items.length === 2);

  step = 'a note: discarded, once asked';
  await page.getByRole('button', { name: 'Record', exact: true }).click();
  await page.getByRole('timer', { name: 'Recorded' }).getByText('0:01').waitFor();
  await page.getByRole('button', { name: 'Discard the recording' }).click();
  await page.getByRole('button', { name: 'Discard it' }).click();
  await page.getByRole('button', { name: 'Record', exact: true }).waitFor();
  await until('the desk has nothing unfinished', async () => (await call('GET', '/uploads')).items.length === 0);
  check((await call('GET', `/clients/${client.id}/audio-notes`)).items.length === 2, 'what was discarded is no note');

  step = 'a note: its waveform, and played from a place in it';
  const wave = page.getByRole('slider', { name: /^Place in the note/ }).first();
  await wave.waitFor();
  await until('both are drawn', async () => (await page.getByRole('slider').count()) === 2);
  check((await wave.locator('path').first().getAttribute('d')).split('M').length > 20, 'the waveform has strokes');
  await wave.focus();
  await page.keyboard.press('End');
  const end = Number(await wave.getAttribute('aria-valuenow'));
  check(end >= 3 && end <= 6, `the note lasts about four seconds, not ${end}`);
  await page.keyboard.press('Home');
  const box = await wave.boundingBox();
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
  await page.getByRole('button', { name: /^Play the note/ }).first().click();
  await until('it plays from the middle', () => page.locator('audio').first().evaluate((audio) => !audio.seeking && audio.currentTime > 1.8));
  await shot('notes');

  step = 'a note: removed, once asked';
  await page.getByRole('button', { name: /^Remove the note/ }).first().click();
  await page.getByRole('button', { name: 'Remove it' }).click();
  await until('one note is left', async () => (await call('GET', `/clients/${client.id}/audio-notes`)).items.length === 1);

  step = 'small and dark';
  await page.setViewportSize({ width: 360, height: 780 });
  await page.emulateMedia({ colorScheme: 'dark' });
  for (const path of [`/programs/${program.id}`, `/clients/${client.id}?tab=notes`]) {
    await page.goto(`${base}${path}`);
    await page.getByRole('heading', { level: 2 }).first().waitFor();
    await until('all pictures are drawn', () => page.evaluate(() => [...document.images].every((image) => image.complete)));
    await shot(`small-dark-${path.split('/')[1]}`);
    check(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${path} fits 360 px`);
  }
  if (faults.length) throw new Error(`the browser complained:\n${faults.join('\n')}`);
  console.log('browser: files by drop, pause, cut, reload and voice');
  console.log('1 passed, 0 failed');
} catch (error) {
  await shot('failed').catch(() => undefined);
  console.error(`browser test failed at "${step}" (pictures in ${artifacts})\n${error.message}\n${faults.join('\n')}`);
  console.log('0 passed, 1 failed');
  process.exitCode = 1;
} finally {
  await browser.close();
}

/** A wire that takes so many bytes a second upwards. */
async function slow(upload) {
  const session = await context.newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: upload });
  return session;
}
