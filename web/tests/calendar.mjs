// The calendar, the day and the reports in Chromium on the demo data: BASE_URL says where. The browser's clock is in New
// York, the business in Berlin, one occurrence in Tokyo. What it makes it takes away.
import { desk, launch, settled } from './browser.mjs';

const base = process.env.BASE_URL;
const browser = await launch();
const { context, page, complaints } = await desk(browser, base, { width: 1440, height: 900, timezoneId: 'America/New_York' });
page.setDefaultTimeout(Number(process.env.PATIENCE ?? 15_000));
const api = async (method, path, data) => {
  const reply = await context.request.fetch(`/api/v1${path}`, { method, data });
  if (!reply.ok()) throw new Error(`${method} ${path}: ${reply.status()} ${await reply.text()}`);
  return reply.status() === 204 ? null : reply.json();
};
const day = (after) => new Date(Date.now() + after * 86_400_000).toISOString().slice(0, 10);
// A week in which nothing else takes place, in winter and in summer alike.
const [monday] = Array.from({ length: 7 }, (_, n) => day(200 + n)).filter((one) => new Date(`${one}T00:00Z`).getUTCDay() === 1);
const later = (date, days) => new Date(Date.parse(date) + days * 86_400_000).toISOString().slice(0, 10);
const made = new Set();
const event = (name) => page.getByRole('button', { name });

let step = 'begin';
let passed = 0;
async function does(what, act) {
  step = what;
  await act();
  passed += 1;
}
async function pull(from, dx, dy) {
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(from.x + dx / 2, from.y + dy / 2, { steps: 5 });
  await page.mouse.move(from.x + dx, from.y + dy, { steps: 5 });
  await page.mouse.up();
}
/** Where it stands, once it stands still: what the desk hears draws it anew. */
async function place(target) {
  let before = '';
  for (let times = 0; times < 60; times += 1) {
    await target.waitFor();
    const box = await target.boundingBox().catch(() => null);
    if (box && JSON.stringify(box) === before) return box;
    before = JSON.stringify(box);
    await page.waitForTimeout(150);
  }
  throw new Error('it does not stand still');
}
function same(found, wanted) {
  if (found !== wanted) throw new Error(`${found}, not ${wanted}`);
}
async function fresh(path) {
  await page.goto(path);
  await settled(page);
}

try {
  const programs = (await api('GET', '/programs?limit=200')).items;
  const program = programs.find((one) => one.status === 'published');

  await does('keys walk over days, periods and views, and back works', async () => {
    await fresh(`/calendar?view=week&date=${monday}`);
    await page.keyboard.press('ArrowRight');
    await page.waitForURL(`**/calendar?view=week&date=${later(monday, 1)}`);
    await page.keyboard.press('j');
    await page.waitForURL(`**date=${later(monday, 8)}`);
    await page.keyboard.press('k');
    await page.keyboard.press('m');
    await page.waitForURL('**view=month**');
    await page.keyboard.press('ArrowUp');
    await page.waitForURL(`**date=${later(monday, -6)}`);
    await page.keyboard.press('l');
    await page.waitForURL('**view=list**');
    await page.goBack();
    await page.waitForURL('**view=month**');
  });

  await does('plans three by keyboard, and takes them back', async () => {
    await fresh(`/calendar?view=week&date=${monday}`);
    await page.keyboard.press('c');
    const dialog = page.getByRole('dialog', { name: 'Plan an occurrence' });
    await dialog.getByLabel('Program').selectOption(program.id);
    await dialog.getByLabel('Starts at').fill('12:00');
    await dialog.getByLabel('Repeats').selectOption('week');
    await dialog.getByRole('checkbox', { name: 'Thursday' }).focus();
    await page.keyboard.press('Space');
    await dialog.getByLabel('How many times').fill('3');
    await dialog.getByRole('button', { name: 'Plan 3 occurrences' }).click();
    await page.getByText('3 occurrences are planned').waitFor();
    await event(/12:00.*of/).nth(1).waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await event(/12:00.*of/).first().waitFor({ state: 'detached' });
  });

  await does('shows Tokyo and New York by the clock of Berlin, and moves on that wall', async () => {
    const { id } = await api('POST', `/programs/${program.id}/occurrences`, { local_starts_at: `${monday}T18:00`, time_zone: 'Asia/Tokyo', duration_minutes: 60, capacity: 5 });
    made.add(id);
    const { starts_at } = await api('GET', `/occurrences/${id}`);
    const berlin = new Intl.DateTimeFormat('en', { timeZone: 'Europe/Berlin', hour: 'numeric', minute: '2-digit' }).format(new Date(starts_at));
    await fresh(`/calendar?view=week&date=${monday}`);
    const tokyo = event(new RegExp(`${berlin.split(' ')[0]}.*${program.title}, 0 of 5`));
    await tokyo.waitFor();
    const box = await place(tokyo);
    await pull({ x: box.x + 20, y: box.y + 12 }, 0, 52);
    await page.getByText(/is on .* now/).waitFor();
    same((await api('GET', `/occurrences/${id}`)).local_starts_at.slice(0, 16), `${monday}T19:00`);
    await page.getByRole('button', { name: 'Undo' }).click();
    await tokyo.waitFor();
    await page.waitForFunction(async (path) => (await (await fetch(path)).json()).local_starts_at.slice(11, 16) === '18:00', `/api/v1/occurrences/${id}`);
  });

  await does('draws the end, and rolls back what came too late', async () => {
    const [id] = made;
    const one = event(new RegExp(`${program.title}, 0 of 5`));
    let box = await place(one);
    await pull({ x: box.x + 30, y: box.y + box.height - 2 }, 0, 52);
    await page.getByText(/ends at .* now/).waitFor();
    const stored = await api('GET', `/occurrences/${id}`);
    same(stored.duration_minutes, 120);
    // Somebody else is quicker: the version that the window knew is no longer the one that stands.
    await api('PATCH', `/occurrences/${id}`, { capacity: 6 });
    await page.route(`**/api/v1/occurrences/${id}`, (route) => (route.request().method() === 'PATCH' ? route.continue({ headers: { ...route.request().headers(), 'if-match': `"${stored.version}"` } }) : route.continue()));
    const late = event(new RegExp(`${program.title}, 0 of [56]`));
    box = await place(late);
    const [refused] = await Promise.all([page.waitForResponse((reply) => reply.request().method() === 'PATCH'), pull({ x: box.x + 20, y: box.y + 12 }, 0, 104)]);
    same(refused.status(), 412);
    await event(new RegExp(`${program.title}, 0 of 6`)).waitFor();
    await page.waitForTimeout(300);
    same(Math.round((await place(late)).y), Math.round(box.y));
    same((await api('GET', `/occurrences/${id}`)).local_starts_at.slice(0, 16), `${monday}T18:00`);
    await page.unroute(`**/api/v1/occurrences/${id}`);
  });

  await does('opens by a link, edits, and deletes with a way back', async () => {
    const [id] = made;
    await fresh(`/calendar?occurrence=${id}`);
    const panel = page.getByRole('complementary', { name: program.title });
    await panel.getByText(/planned by the clock of Tokyo/).waitFor();
    await panel.getByText('Nobody has booked yet.').waitFor();
    await page.keyboard.press('e');
    await panel.getByLabel('Seats', { exact: true }).fill('9');
    await panel.getByRole('button', { name: 'Save' }).click();
    await page.getByText('The occurrence is changed').waitFor();
    same((await api('GET', `/occurrences/${id}`)).capacity, 9);
    await page.keyboard.press('Escape');
    await page.waitForFunction((id) => document.activeElement?.dataset.occurrence === id, id);
    await page.keyboard.press('Enter');
    await panel.waitFor();
    await panel.getByRole('button', { name: 'More' }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.getByText(/is deleted/).waitFor();
    made.delete(id);
  });

  await does('checks in on the day, by typing a name', async () => {
    const { items } = await api('GET', `/occurrences?from=${new Date().toISOString()}&limit=50`);
    let found;
    for (const one of items) {
      const booking = (await api('GET', `/bookings?occurrence_id=${one.id}&limit=50`)).items.find((booking) => booking.status === 'confirmed');
      if (booking && !found) found = { one, booking };
    }
    const { one, booking } = found;
    await fresh(`/?date=${one.local_starts_at.slice(0, 10)}&arrivals=all`);
    await page.keyboard.press('f');
    await page.keyboard.type(booking.reference.toLowerCase());
    await page.getByText(`Enter checks in ${booking.client_name}`).waitFor({ state: 'attached' });
    await page.keyboard.press('Enter');
    await page.getByText(`${booking.client_name} is checked in`).waitFor();
    same((await api('GET', `/bookings/${booking.id}`)).status, 'checked_in');
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.waitForFunction(async (path) => (await (await fetch(path)).json()).status === 'confirmed', `/api/v1/bookings/${booking.id}`);
  });

  await does('reports: another period, the chart by keys and as a table, the CSV', async () => {
    await fresh('/reports');
    await page.waitForURL('**/reports/revenue**');
    await page.getByLabel('Period', { exact: true }).selectOption('year');
    await page.waitForURL('**period=year**');
    const chart = page.getByRole('slider');
    await chart.focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowRight');
    same(await chart.getAttribute('aria-valuenow'), '1');
    await page.getByRole('button', { name: 'Show as table' }).click();
    await page.getByRole('button', { name: 'Show as chart' }).waitFor();
    for (const name of ['Occupancy', 'Tax']) {
      await page.getByRole('link', { name, exact: true }).click();
      await page.waitForURL(`**/reports/${name.toLowerCase()}?period=year**`);
      await page.getByRole('heading', { name: new RegExp(`^${name}`), level: 2 }).first().waitFor();
    }
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'CSV' }).click()]);
    if (!/^tax.*\.csv$/.test(file.suggestedFilename())) throw new Error(file.suggestedFilename());
  });

  // The refused move, and what was cut off, are said by the network panel.
  const said = complaints.filter((one) => !/40[14]|412|Failed to load resource/.test(one));
  if (said.length) throw new Error(`the browser complained:\n${said.join('\n')}`);
  console.log(`calendar: ${passed} passed, 0 failed`);
} catch (error) {
  await page.screenshot({ path: `${process.env.ARTIFACTS ?? '.'}/calendar-failed.png` }).catch(() => undefined);
  console.error(`calendar test failed at "${step}"\n${error.message}\n${complaints.join('\n')}`);
  console.log(`calendar: ${passed} passed, 1 failed`);
  process.exitCode = 1;
} finally {
  for (const id of made) await api('DELETE', `/occurrences/${id}`).catch(() => undefined);
  await browser.close();
}
