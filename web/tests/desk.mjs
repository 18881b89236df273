// A day at the desk on the demo data: BASE_URL says where. A booking by keyboard alone; two browsers on one booking; what
// others change is seen; a refusal rolls back and can be undone; nothing typed is lost; filters have links and back works;
// a second factor; nothing that scripts could steal. Fails on any complaint of the console.
import { createHmac } from 'node:crypto';
import { DEMO, desk, launch, settled } from './browser.mjs';

const base = process.env.BASE_URL;
const only = (process.env.ONLY ?? '').split(',').filter(Boolean);
const browser = await launch();
const open = [];
let doing = '';

async function window(options) {
  const made = await desk(browser, base, options);
  made.page.setDefaultTimeout(20_000);
  open.push(made);
  return made;
}
function check(fact, words) {
  if (!fact) throw new Error(words);
}
async function call(context, method, path, data, headers) {
  const reply = await context.request.fetch(`/api/v1${path}`, { method, data, headers });
  check(reply.ok(), `${method} ${path}: ${reply.status()} ${await reply.text()}`);
  return reply.status() === 204 ? undefined : reply.json();
}
/** A confirmed booking that is still to come. */
async function coming(context) {
  const from = new Date().toISOString().slice(0, 10);
  const { items } = await call(context, 'GET', `/bookings?status=confirmed&from=${from}&limit=200`);
  const found = items.filter((one) => Date.parse(one.starts_at) > Date.now());
  check(found.length > 5, 'the demo has bookings to come');
  return found[Math.floor(Math.random() * found.length)];
}
/** RFC 6238 with the parameters that every app takes. */
function totp(secret, at = Date.now()) {
  const bits = [...secret.replace(/[\s=]/g, '')].map((char) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(char).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)));
  const hash = createHmac('sha1', key).update(step).digest();
  return String((hash.readUInt32BE(hash[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

const jobs = {
  async 'a booking by keyboard alone, in under 15 seconds'() {
    const { context, page } = await window();
    const clients = await call(context, 'GET', '/clients?limit=200&sort=name');
    await page.goto('/');
    await settled(page);
    await page.evaluate(() => {
      window.pointed = 0;
      for (const kind of ['pointerdown', 'mousedown', 'click']) addEventListener(kind, (event) => (window.pointed += event.isTrusted && event.detail > 0 ? 1 : 0), true);
    });
    const began = Date.now();
    await page.keyboard.press('n');
    await page.keyboard.press('b');
    await page.getByRole('combobox', { name: 'Occurrence' }).waitFor();
    await page.waitForFunction(() => document.activeElement?.getAttribute('role') === 'combobox');
    await page.keyboard.type('yoga', { delay: 30 });
    await page.getByRole('option', { name: /Morning yoga/ }).first().waitFor();
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.activeElement?.getAttribute('role') === 'combobox' && document.activeElement.value === '');
    await page.keyboard.type(clients.items[7].name, { delay: 30 });
    await page.getByRole('option', { name: new RegExp(clients.items[7].name) }).first().waitFor();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Control+Enter');
    await page.getByRole('heading', { name: /is booked for/ }).waitFor();
    const took = (Date.now() - began) / 1000;
    check(took < 15, `it took ${took} s`);
    check((await page.evaluate(() => window.pointed)) === 0, 'no mouse was used');
    console.log(`  a booking by keyboard: ${took.toFixed(1)} s`);
    // The other keys: the palette finds a client, the list of keys opens and closes.
    await page.keyboard.press('Control+k');
    await page.getByRole('dialog', { name: 'Search and commands' }).waitFor();
    await page.keyboard.type(clients.items[3].name, { delay: 20 });
    await page.getByRole('option', { name: new RegExp(clients.items[3].name) }).first().waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: clients.items[3].name }).waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor({ state: 'detached' });
    await page.keyboard.press('g');
    await page.keyboard.press('i');
    await page.getByRole('heading', { level: 1, name: 'Invoices' }).waitFor();
  },

  async 'two browsers on one booking'() {
    const [one, other] = [await window(), await window()];
    const booking = await coming(one.context);
    for (const { page } of [one, other]) {
      await page.goto(`/bookings/${booking.id}`);
      await page.getByRole('heading', { level: 1, name: booking.reference }).waitFor();
      await settled(page);
    }
    // What one is typing stays, and becomes a choice when the other was faster.
    await one.page.getByRole('button', { name: 'Edit' }).first().click();
    await one.page.getByRole('textbox', { name: 'Note' }).fill('Comes with a wheelchair');
    await other.page.getByRole('button', { name: 'Edit' }).first().click();
    await other.page.getByRole('textbox', { name: 'Note' }).fill('Comes later');
    await other.page.getByRole('button', { name: 'Save' }).click();
    await other.page.getByText('Saved').first().waitFor();
    const choice = one.page.getByRole('alertdialog', { name: 'Somebody else changed this meanwhile' });
    await choice.waitFor();
    check((await choice.innerText()).includes('Comes later') && (await choice.innerText()).includes('Comes with a wheelchair'), 'both are shown');
    await choice.getByRole('button', { name: 'Keep mine' }).click();
    await one.page.getByRole('button', { name: 'Save' }).click();
    await other.page.getByText('Comes with a wheelchair').waitFor();
    // Whoever hears nothing is stopped by the version.
    await one.context.route('**/api/v1/live', (route) => route.abort());
    await one.page.reload();
    await settled(one.page);
    await other.page.getByRole('button', { name: 'Check in' }).click();
    await other.page.getByText('Checked in').first().waitFor();
    await one.page.getByRole('button', { name: 'Check in' }).click();
    await one.page.getByRole('dialog', { name: 'Somebody else changed this meanwhile' }).waitFor();
    await one.page.getByRole('button', { name: 'Leave it as it is now' }).click();
    await one.page.getByText('Checked in').first().waitFor();
    one.complaints.splice(0, one.complaints.length, ...one.complaints.filter((said) => !/ERR_FAILED|412|EventSource/.test(said)));
  },

  async 'what others change is on the screen within a second'() {
    const { context, page } = await window();
    const booking = await coming(context);
    await page.goto(`/bookings/${booking.id}`);
    await settled(page);
    await page.getByText('Confirmed').first().waitFor();
    const began = Date.now();
    await call(context, 'POST', `/bookings/${booking.id}/check-in`);
    await page.getByRole('main').getByText('Checked in').first().waitFor();
    console.log(`  seen after ${Date.now() - began} ms`);
    check(Date.now() - began < 2000, 'it is seen soon');
    await call(context, 'POST', `/bookings/${booking.id}/undo`);
  },

  async 'a refusal rolls back, a check-in is undone'() {
    const { context, page, complaints } = await window();
    const booking = await coming(context);
    await page.goto(`/bookings/${booking.id}`);
    await settled(page);
    await page.route('**/check-in', (route) => route.fulfill({ status: 503, contentType: 'application/problem+json', body: JSON.stringify({ type: 'about:blank', title: 'Unavailable', status: 503, detail: 'The database cannot be reached. Try again in a moment.', code: 'database_unavailable', request_id: 'x', errors: [] }) }));
    await page.getByRole('button', { name: 'Check in' }).click();
    await page.getByText('The database cannot be reached.').first().waitFor();
    await page.getByRole('main').getByText('Confirmed').first().waitFor();
    await page.unroute('**/check-in');
    complaints.splice(0, complaints.length, ...complaints.filter((said) => !said.includes('503')));
    await page.getByRole('button', { name: 'Check in' }).click();
    await page.getByRole('button', { name: 'Undo', exact: true }).click();
    await page.getByRole('button', { name: 'Check in' }).waitFor();
    check((await call(context, 'GET', `/bookings/${booking.id}`)).status === 'confirmed', 'it is as it was');
  },

  async 'nothing typed is lost'() {
    const { context, page, complaints } = await window();
    const { items } = await call(context, 'GET', '/clients?limit=1');
    await page.goto(`/clients/${items[0].id}`);
    await settled(page);
    await page.getByLabel('Phone').fill('+49 431 1234567');
    const asked = [];
    page.on('dialog', (dialog) => (asked.push(dialog.message()), dialog.dismiss()));
    await page.getByRole('link', { name: 'Calendar', exact: true }).click();
    await page.waitForTimeout(300);
    check(asked.length === 1, 'leaving is asked about');
    check((await page.getByLabel('Phone').inputValue()) === '+49 431 1234567', 'what was typed stays');
    // An error of the server keeps it too.
    await page.getByLabel('E-mail').fill('no address');
    await page.keyboard.press('Control+s');
    await page.getByRole('alert').first().waitFor();
    check((await page.getByLabel('E-mail').inputValue()) === 'no address', 'a refusal keeps the fields');
    await page.getByRole('button', { name: 'Discard' }).click();
    complaints.splice(0, complaints.length, ...complaints.filter((said) => !said.includes('422')));
  },

  async 'filters have links, and back works'() {
    const { page } = await window();
    await page.goto('/bookings?status=cancelled');
    await settled(page);
    const rows = () => page.getByRole('main').getByText('Cancelled', { exact: true }).count();
    check((await rows()) > 0, 'a link shows what is cancelled');
    await page.getByRole('main').locator('a[href^="/bookings/"]:not([href="/bookings/new"])').first().click();
    await page.waitForURL(/\/bookings\/[0-9a-f-]{36}$/);
    await page.goBack();
    await page.waitForURL(/status=cancelled/);
    await settled(page);
    check((await rows()) > 0, 'back is where it was');
    await page.goto('/calendar?view=day&date=2026-12-24');
    await settled(page);
    check(/24/.test(await page.getByRole('main').innerText()), 'a day of the calendar has a link');
  },

  async 'a telephone in the dark'() {
    const { context, page } = await window({ width: 360, height: 740, look: 'dark', hasTouch: true, isMobile: true });
    await page.goto('/');
    await settled(page);
    check((await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme)) === 'dark', 'it is dark');
    await page.getByRole('button', { name: 'Open the menu' }).tap();
    await page.getByRole('dialog').getByRole('link', { name: 'Bookings', exact: true }).tap();
    await page.getByRole('heading', { level: 1, name: 'Bookings' }).waitFor();
    const booking = await coming(context);
    await page.goto(`/bookings/${booking.id}`);
    await settled(page);
    await page.getByRole('button', { name: 'Check in' }).tap();
    await page.getByRole('button', { name: 'Undo', exact: true }).tap();
    await page.getByRole('button', { name: 'Check in' }).waitFor();
  },

  async 'a second factor'() {
    const { context, page } = await window();
    await page.goto('/account');
    await settled(page);
    await page.getByRole('button', { name: /Set up|Turn on/ }).first().click();
    const secret = (await page.locator('[data-secret]').innerText()).replace(/\s/g, '');
    check(/^[A-Z2-7]{16,}$/.test(secret), 'the secret is shown as text too');
    const first = totp(secret);
    await page.getByRole('dialog').getByLabel(/Code/).fill(first);
    await page.getByRole('dialog').getByRole('button', { name: /Confirm|Turn on/ }).click();
    await page.getByText(/^[a-z0-9]{4,}-[a-z0-9]{4,}/i).first().waitFor();
    await context.clearCookies();
    const answer = await context.request.post('/api/v1/auth/login', { data: DEMO });
    check(answer.status() === 401 && (await answer.json()).code === 'totp_required', 'a password alone is not enough');
    await page.goto('/login?next=/clients');
    await page.getByLabel('E-mail').fill(DEMO.email);
    await page.getByLabel('Password', { exact: true }).fill(DEMO.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    const box = page.getByLabel(/code/i).first();
    await box.waitFor();
    // A code is taken once (RFC 6238 §5.2): the next one is 30 seconds on, within what the desk allows.
    await box.fill(totp(secret, Date.now() + 30_000));
    await page.getByRole('button', { name: /Sign in|Go on|Continue/ }).click();
    await page.getByRole('heading', { level: 1, name: 'Clients' }).waitFor();
    await call(context, 'POST', '/auth/totp/disable', { password: DEMO.password });
  },

  async 'a session that ended elsewhere loses nothing that was typed'() {
    const { context, page } = await window();
    await page.goto('/clients/new');
    await settled(page);
    const name = `Typed before ${Date.now()}`;
    await page.getByLabel('Name', { exact: true }).fill(name);
    await call(context, 'POST', '/auth/logout');
    await page.getByRole('button', { name: 'Save' }).click();
    const dialog = page.getByRole('dialog', { name: 'You are signed out' });
    await dialog.waitFor();
    const [other] = await Promise.all([context.waitForEvent('page'), dialog.getByRole('link', { name: 'Sign in in another tab' }).click()]);
    await other.getByLabel('E-mail').fill(DEMO.email);
    await other.getByLabel('Password', { exact: true }).fill(DEMO.password);
    await other.getByRole('button', { name: 'Sign in' }).click();
    await other.waitForURL('**/clients/new');
    await page.bringToFront();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    check((await page.getByLabel('Name', { exact: true }).inputValue()) === name, 'what was typed is still there');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { level: 1, name }).waitFor();

    // With nothing typed the way back leads to the same page.
    await page.goto('/bookings?status=confirmed');
    await settled(page);
    await call(context, 'POST', '/auth/logout');
    await page.getByRole('link', { name: 'Clients', exact: true }).first().click();
    await page.getByRole('dialog', { name: 'You are signed out' }).getByRole('link', { name: 'Sign in again' }).click();
    await page.getByLabel('E-mail').fill(DEMO.email);
    await page.getByLabel('Password', { exact: true }).fill(DEMO.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { level: 1, name: 'Clients' }).waitFor();
  },

  async 'nothing for scripts to steal'() {
    const { page } = await window();
    const reply = await page.goto('/');
    await settled(page);
    const policy = reply.headers()['content-security-policy'];
    check(/script-src 'self' 'sha256-/.test(policy) && !/script-src[^;]*unsafe/.test(policy), policy);
    check(/frame-ancestors 'none'/.test(policy) && /object-src 'none'/.test(policy) && /connect-src 'self'/.test(policy), policy);
    const seen = await page.evaluate(() => ({ cookie: document.cookie, kept: JSON.stringify({ ...localStorage, ...sessionStorage }) }));
    check(seen.cookie === '', `scripts see no cookie: ${seen.cookie}`);
    check(!/session|token|secret|deskbell_[A-Za-z0-9]{20}/i.test(seen.kept), `nothing kept is a token: ${seen.kept}`);
    const ran = await page.evaluate(() => new Promise((done) => {
      const script = document.createElement('script');
      script.textContent = 'window.ran = true';
      document.addEventListener('securitypolicyviolation', () => done(Boolean(window.ran)), { once: true });
      document.head.append(script);
      setTimeout(() => done(Boolean(window.ran)), 1000);
    }));
    check(ran === false, 'an inline script does not run');
    open.at(-1).complaints.length = 0;
  }
};

// Only here is somebody refused; the browser says so on its console.
const refused = ['a second factor', 'a session that ended elsewhere loses nothing that was typed'];
let failed = 0;
for (const [name, job] of Object.entries(jobs)) {
  if (only.length && !only.some((part) => name.includes(part))) continue;
  doing = name;
  try {
    await job();
    const said = open.flatMap(({ complaints }) => complaints).filter((one) => !(refused.includes(name) && one.includes('401')));
    check(said.length === 0, [...new Set(said)].join('\n'));
    console.log(`ok   ${name}`);
  } catch (error) {
    failed += 1;
    console.error(`FAIL ${doing}: ${error.message}`);
    for (const [at, { page }] of open.entries()) await page.screenshot({ path: `${process.env.ARTIFACTS ?? '/tmp'}/desk-${failed}-${at}.png` }).catch(() => undefined);
  }
  for (const { context } of open.splice(0)) await context.close();
}
await browser.close();
process.exit(failed ? 1 : 0);
