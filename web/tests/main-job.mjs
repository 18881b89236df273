// The main job in a real browser: BASE_URL and SETUP_TOKEN say where, ENGINE on which database. Fails on any console
// error and on any request to another host.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launch } from './browser.mjs';

const base = process.env.BASE_URL;
const token = process.env.SETUP_TOKEN;
const artifacts = process.env.ARTIFACTS ?? mkdtempSync(join(tmpdir(), 'deskbell-browser-'));
const files = mkdtempSync(join(tmpdir(), 'deskbell-files-'));

function file(name, bytes) {
  const path = join(files, name);
  writeFileSync(path, bytes);
  return path;
}

const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64'
);
// One second of silence: a whole WAV file (RIFF, 8 kHz, 8 bits).
const samples = Buffer.alloc(8000, 128);
const wav = Buffer.concat([Buffer.from('RIFF'), le(36 + samples.length), Buffer.from('WAVEfmt '), le(16),
  Buffer.from([1, 0, 1, 0]), le(8000), le(8000), Buffer.from([1, 0, 8, 0]), Buffer.from('data'), le(samples.length), samples]);
const film = Buffer.concat([Buffer.from([0, 0, 0, 0x20]), Buffer.from('ftypisom'), Buffer.from([0, 0, 2, 0]), Buffer.from('isomiso2avc1mp41'),
  Buffer.from([0, 0, 0, 8]), Buffer.from('mdat')]);

function le(number) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(number);
  return bytes;
}

const browser = await launch();
const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
const faults = [];
page.on('console', (message) => {
  // A film without pictures, a refused sign-in probe: the network panel's own words are no fault of the page.
  if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) faults.push(message.text());
});
page.on('pageerror', (error) => faults.push(String(error)));
page.on('request', (request) => {
  if (!request.url().startsWith(base) && !/^(data|blob):/.test(request.url())) faults.push(`another host: ${request.url()}`);
});

let step = 'begin';
let shots = 0;
async function shot(name) {
  await page.screenshot({ path: join(artifacts, `${String((shots += 1)).padStart(2, '0')}-${name}.png`), fullPage: true });
}

try {
  step = 'set up';
  await page.goto(`${base}/setup?token=${token}`);
  await page.getByRole('radio', { name: 'English' }).check();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByLabel('Business name').fill('Atelier Nord');
  await page.getByLabel('Country').selectOption('DE');
  await page.getByLabel('Time zone').selectOption('Europe/Berlin');
  await page.getByLabel('Currency').selectOption('EUR');
  await shot('setup-business');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByLabel('Your name').fill('Ada Adler');
  await page.getByLabel('E-mail').fill('ada@example.org');
  await page.getByLabel('Password', { exact: true }).fill('correct horse battery');
  // Back and forward keep what was typed.
  await page.goBack();
  if ((await page.getByLabel('Business name').inputValue()) !== 'Atelier Nord') throw new Error('the business is forgotten');
  await page.goForward();
  if ((await page.getByLabel('Your name').inputValue()) !== 'Ada Adler') throw new Error('the owner is forgotten');
  await shot('setup-owner');
  await page.getByRole('button', { name: 'Set up' }).click();
  await page.getByRole('heading', { name: 'How you look on paper' }).waitFor();
  await page.getByLabel('Accent colour', { exact: true }).fill('#8b1f5f');
  await shot('setup-look');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('button', { name: 'Begin empty' }).click();
  await page.getByRole('heading', { name: 'First steps', level: 1 }).waitFor();
  await shot('checklist');

  step = 'sign out and in';
  await page.getByRole('button', { name: 'Account of Ada Adler' }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByLabel('E-mail').fill('ada@example.org');
  await page.getByLabel('Password', { exact: true }).fill('correct horse battery');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Today', level: 1 }).waitFor();

  step = 'create a program';
  await page.getByRole('link', { name: 'Programs' }).click();
  await page.getByRole('link', { name: 'New program' }).first().click();
  await page.getByLabel('Title').fill('Pottery for beginners');
  await page.getByLabel(/^Price/).fill('49.00');
  await page.getByLabel('Tax rate').selectOption({ label: '19% Standard' }).catch(() => undefined);
  await page.getByRole('button', { name: 'Create program' }).click();
  await page.getByRole('heading', { name: 'Pottery for beginners', level: 1 }).waitFor();

  step = 'describe it';
  await page.getByLabel('Description', { exact: true }).fill('Make **your first bowl**.');
  await page.locator('strong', { hasText: 'your first bowl' }).waitFor();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('status').getByText('Saved', { exact: true }).waitFor();

  step = 'upload poster, gallery image and film';
  await page.getByLabel('Add poster').setInputFiles(file('poster.png', png));
  await page.getByAltText('Poster of Pottery for beginners').waitFor();
  await page.getByLabel('Gallery images').setInputFiles(file('one.png', png));
  await page.getByAltText('one.png').waitFor();
  await page.getByLabel('Add film').setInputFiles(file('film.mp4', film));
  await page.locator('video').waitFor();

  step = 'publish and plan';
  await page.getByRole('button', { name: 'Publish' }).click();
  await page.getByRole('button', { name: 'Unpublish' }).waitFor();
  const soon = new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 10);
  await page.getByRole('button', { name: 'Add occurrence' }).click();
  const plan = page.getByRole('dialog');
  await plan.locator('input[type=date]').first().fill(soon);
  await plan.locator('input[type=time]').first().fill('10:00');
  await plan.getByRole('button', { name: 'Plan it' }).click();
  await page.getByText('0 of 8 seats').waitFor();
  await shot('program');

  step = 'take a client in';
  await page.getByRole('link', { name: 'Clients' }).click();
  await page.getByRole('link', { name: 'New client' }).first().click();
  await page.getByLabel('Name', { exact: true }).fill('Grace Hopper');
  await page.getByLabel('E-mail').fill('grace@example.org');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('heading', { name: 'Grace Hopper' }).waitFor();

  step = 'audio note';
  await page.getByRole('link', { name: 'Notes', exact: true }).click();
  await page.getByLabel('Audio file').setInputFiles(file('note.wav', wav));
  await page.locator('audio').waitFor({ state: 'attached' });
  await shot('client');

  step = 'book';
  await page.goto(`${base}/bookings/new`);
  await page.getByRole('option', { name: /Pottery for beginners/ }).waitFor();
  // By keys alone: the occurrence, the client, the seats.
  await page.keyboard.press('Enter');
  await page.getByRole('combobox', { name: 'Client' }).and(page.locator(':focus')).waitFor();
  await page.keyboard.type('grace');
  await page.getByRole('option', { name: /Grace Hopper/ }).waitFor();
  await page.keyboard.press('Enter');
  await page.getByLabel('Seats').and(page.locator(':focus')).waitFor();
  await page.keyboard.type('2');
  await page.keyboard.press('Control+Enter');
  await page.getByRole('button', { name: 'Book another' }).waitFor();
  await shot('booked');
  await page.getByRole('main').getByRole('link', { name: 'Open booking' }).click();

  step = 'invoice';
  await pdf(await page.getByRole('link', { name: /^Invoice PDF/ }).getAttribute('href'));
  await page.getByRole('button', { name: 'Take payment' }).click();
  if ((await page.getByLabel(/^Amount/).inputValue()) !== '98.00') throw new Error('the amount is not what is due');
  await page.getByRole('button', { name: 'Record payment' }).click();
  await page.getByRole('listitem').filter({ hasText: 'Card' }).waitFor();
  await shot('booking');

  step = 'check in and take it back';
  await page.getByRole('button', { name: 'Check in' }).click();
  await page.getByRole('button', { name: 'Undo check-in' }).click();
  await page.getByRole('button', { name: 'Check in' }).waitFor();

  step = 'cancel with a refund';
  await page.getByRole('button', { name: /^Actions for/ }).click();
  await page.getByRole('menuitem', { name: 'Cancel booking' }).click();
  await page.getByLabel('Reason').fill('Fell ill');
  await page.getByRole('button', { name: 'Cancel it' }).click();
  await pdf(await page.getByRole('link', { name: /^Refund invoice PDF/ }).getAttribute('href'));

  step = 'look around';
  for (const room of ['Today', 'Calendar', 'Bookings', 'Invoices', 'Settings', 'System']) {
    await page.getByRole('navigation').getByRole('link', { name: room, exact: true }).click();
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.waitForTimeout(200);
    await shot(room.toLowerCase());
  }
  await page.setViewportSize({ width: 390, height: 800 });
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.goto(`${base}/bookings`);
  await page.getByRole('heading', { name: 'Bookings' }).waitFor();
  await page.waitForTimeout(200);
  await shot('bookings-small-dark');
  step = 'database';
  const { engine } = await (await page.request.get(`${base}/api/v1/system/database`)).json();
  if (engine !== process.env.ENGINE) throw new Error(`it ran on ${engine}`);
  step = 'explorer';
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.goto(`${base}/api/docs`);
  await page.getByText('Take a client in').first().waitFor({ state: 'attached' });
  if (faults.length) throw new Error(`the browser complained:\n${faults.join('\n')}`);
  console.log(`browser: the main job from setup to the refund invoice, on ${engine}`);
  console.log('1 passed, 0 failed');
} catch (error) {
  await shot('failed').catch(() => undefined);
  console.error(`browser test failed at "${step}" (pictures in ${artifacts})\n${error.message}\n${faults.join('\n')}`);
  console.log('0 passed, 1 failed');
  process.exitCode = 1;
} finally {
  await browser.close();
}

async function pdf(path) {
  const reply = await page.request.get(`${base}${path}`);
  const body = await reply.body();
  if (reply.status() !== 200 || body.subarray(0, 5).toString() !== '%PDF-') throw new Error(`${path} is no PDF: ${reply.status()}`);
}
