// Invoices in a real browser: BASE_URL and SETUP_TOKEN say where. A draft with live totals and its PDF beside it, issued,
// paid in part, credited in part; what the API says, what the page shows and the sum of the lines are one and the same.
// Then a draft that somebody else changes meanwhile, filters, settings. Fails on any console error and on any request to
// another host.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launch } from './browser.mjs';

const base = process.env.BASE_URL;
const token = process.env.SETUP_TOKEN;
const artifacts = process.env.ARTIFACTS ?? mkdtempSync(join(tmpdir(), 'deskbell-browser-'));
const folder = mkdtempSync(join(tmpdir(), 'deskbell-files-'));

let step = 'begin';
let page;
let browser;
let shots = 0;
const faults = [];

function check(fact, words) {
  if (!fact) throw new Error(words);
}

function same(found, expected, words) {
  check(JSON.stringify(found) === JSON.stringify(expected), `${words}: ${JSON.stringify(found)} is not ${JSON.stringify(expected)}`);
}

async function shot(name) {
  await page.screenshot({ path: join(artifacts, `${String((shots += 1)).padStart(2, '0')}-invoices-${name}.png`), fullPage: true });
}

/** Asks again until it is so. */
async function until(words, ask, seconds = 20) {
  for (const end = Date.now() + seconds * 1000; ; await page.waitForTimeout(100)) {
    const found = await ask();
    if (found) return found;
    check(Date.now() < end, `not seen within ${seconds} s: ${words}`);
  }
}

async function call(method, path, data, headers) {
  const reply = await page.context().request.fetch(`${base}/api/v1${path}`, { method, data, headers });
  check(reply.ok(), `${method} ${path}: ${reply.status()} ${await reply.text()}`);
  return reply.status() === 204 ? undefined : reply.json();
}

/** An amount that the page shows, in minor units of two decimals. */
const shown = (text) => Number(text.replaceAll(/[^\d-]/g, ''));
const sumShown = async (name) => shown(await page.locator(`main [data-sum="${name}"]`).first().innerText());
const taxesShown = async () => (await page.locator('main [data-sum="tax"]').allInnerTexts()).map(shown);

try {
  browser = await launch();
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-IE' });
  // The PDF beside an invoice is a page of the browser's own, without storage.
  await context.addInitScript(() => globalThis.localStorage?.setItem('deskbell.language', 'en'));
  context.setDefaultTimeout(Number(process.env.PATIENCE ?? 30_000));
  page = await context.newPage();
  page.on('console', (message) => {
    // What the desk refuses while a form is half filled in is part of the talk: the network panel's own words are no fault.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('request', (request) => {
    if (!request.url().startsWith(base) && !/^(data|blob|chrome-extension|chrome):/.test(request.url())) faults.push(`another host: ${request.url()}`);
  });

  step = 'sign in';
  const account = { email: 'ada@example.org', password: 'correct horse battery' };
  if ((await call('GET', '/setup')).needed) {
    await call('POST', '/setup', { token, business: { name: 'Atelier Nord', country: 'DE', currency: 'EUR', time_zone: 'Europe/Berlin' }, owner: { name: 'Ada Adler', ...account } });
  } else await call('POST', '/auth/login', account);
  await call('PATCH', '/settings', {
    street: 'Hafenstraße 12', postcode: '20359', city: 'Hamburg', vat_id: 'DE123456788', email: 'hallo@example.org', phone: '+49 40 123456',
    bank_holder: 'Atelier Nord', iban: 'DE89370400440532013000'
  });

  step = 'take a client in';
  await page.goto(`${base}/clients/new`);
  await page.getByLabel('Name', { exact: true }).fill('Bäckerei Sonnenschein GmbH');
  await page.getByLabel('E-mail').fill('buchhaltung@example.org');
  await page.getByLabel('Street and number').fill('Lange Straße 1');
  await page.getByLabel('Postcode').fill('50667');
  await page.getByLabel('City').fill('Köln');
  await page.getByLabel('Country').fill('de');
  await page.getByLabel('VAT id').fill('DE987654321');
  await page.getByLabel('Buyer reference').fill('04011000-12345-67');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('heading', { name: 'Bäckerei Sonnenschein GmbH' }).waitFor();
  const clientId = page.url().split('/').at(-1);
  const client = await call('GET', `/clients/${clientId}`);
  same([client.buyer_reference, client.vat_id, client.address.country], ['04011000-12345-67', 'DE987654321', 'DE'], 'the client');

  step = 'write a draft by keyboard';
  await page.goto(`${base}/invoices`);
  await page.getByRole('link', { name: 'New invoice' }).first().click();
  await page.getByRole('heading', { name: 'New invoice' }).waitFor();
  await page.getByRole('combobox', { name: 'Client' }).fill('Sonnensch');
  await page.getByRole('option', { name: /Sonnenschein/ }).waitFor();
  await page.keyboard.press('Enter');
  await until('the client stands there', async () => (await page.getByRole('combobox', { name: 'Client' }).inputValue()) === 'Bäckerei Sonnenschein GmbH');
  const lines = page.getByRole('list', { name: 'Lines' });
  const rate = (line, place) => page.getByLabel(`Tax of line ${line}`).locator('option').nth(place).innerText();
  async function write(index, { what, quantity, price, off, tax }) {
    await page.getByLabel(`Description of line ${index}`).fill(what);
    await page.getByLabel(`Quantity of line ${index}`).fill(quantity);
    if (off) await page.getByRole('textbox', { name: `Discount of line ${index}` }).fill(off);
    if (tax) await page.getByLabel(`Tax of line ${index}`).selectOption({ label: tax });
    await page.getByLabel(`Price of line ${index}`).fill(price);
  }
  await write(1, { what: 'Töpferkurs', quantity: '3', price: '117.97', off: '2.5' });
  await page.keyboard.press('Enter');
  await until('the second line has the focus', () => page.evaluate(() => document.activeElement?.getAttribute('aria-label') === 'Description of line 2'));
  await write(2, { what: 'Buch „Drehen“', quantity: '1', price: '24.90', tax: await rate(2, 1) });
  await page.keyboard.press('Enter');
  await write(3, { what: 'Ton', quantity: '2.5', price: '3.9', tax: await rate(3, 0) });

  step = 'move a line by keyboard';
  await page.getByLabel('Description of line 3').focus();
  await page.keyboard.press('Alt+ArrowUp');
  await until('clay is the second line', async () => (await page.getByLabel('Description of line 2').inputValue()) === 'Ton');

  step = 'a discount on the whole';
  await page.getByRole('button', { name: 'Add discount' }).click();
  await page.getByLabel('Reason of the discount').fill('Treue');
  await page.getByLabel('Amount of the discount', { exact: true }).fill('5');

  step = 'live totals';
  await until('the draft is saved', () => page.locator('[data-kept="saved"]').count());
  await until('the totals are of what is written', () => page.locator('dl.sums[aria-busy="false"]').count());
  const draftId = page.url().split('/').at(-1);
  check(/^[0-9a-f-]{36}$/.test(draftId), `the address names the draft: ${page.url()}`);
  const draft = await call('GET', `/drafts/${draftId}`);
  same(draft.content.lines.map((line) => [line.description, line.quantity, line.unit_price.amount, line.discount?.percent ?? 0]),
    [['Töpferkurs', '3', 11797, 250], ['Ton', '2.5', 390, 0], ['Buch „Drehen“', '1', 2490, 0]], 'the draft');
  const live = { net: await sumShown('net'), taxes: await taxesShown(), total: await sumShown('total'), lines: (await page.locator('[data-total]').allInnerTexts()).map(shown) };
  same(live.lines.reduce((sum, line) => sum + line, 0), await sumShown('lines'), 'the lines add up to what stands below them');
  same((await sumShown('lines')) + (await sumShown('extra')), live.total, 'the discount comes off the lines');
  check(live.lines.length === 3 && live.taxes.length === 2, `three lines and two taxes: ${JSON.stringify(live)}`);

  step = 'what is wrong is said beside its field';
  await page.getByLabel('Quantity of line 2').fill('zwei');
  await page.getByLabel('Quantity of line 2').press('Tab');
  await lines.getByText('Quantity: This is no number.').waitFor();
  await page.getByText('Not saved: something cannot be read').waitFor();
  await page.getByLabel('Quantity of line 2').fill('0');
  await page.getByLabel('Quantity of line 2').press('Tab');
  await until('the desk refuses a quantity of nothing', () => lines.locator('.wrong span').count().then(async (count) => count === 1 && !(await lines.getByText('This is no number').count())));
  check((await page.getByLabel('Quantity of line 2').getAttribute('aria-invalid')) === 'true', 'the field is marked');
  await shot('wrong');
  await page.getByLabel('Quantity of line 2').fill('2.5');
  await until('the totals are back', async () => (await page.locator('dl.sums[aria-busy="false"]').count()) && (await sumShown('total')) === live.total);
  await until('saved again', () => page.locator('[data-kept="saved"]').count());

  step = 'the PDF beside it';
  const frame = await until('a preview', () => page.locator('aside iframe').first().getAttribute('src'));
  await pdf(frame.split('#')[0]);
  await shot('draft');

  step = 'somebody else changes the draft meanwhile';
  await until('saved', () => page.locator('[data-kept="saved"]').count());
  await call('PATCH', `/drafts/${draftId}`, { notes: 'Seen at once' });
  await until('what nobody contradicts is shown', async () => (await page.getByLabel('Notes').inputValue()) === 'Seen at once');
  /** Types while somebody else is quicker to save. */
  const typed = async (value, fields) => {
    let release;
    const held = new Promise((done) => (release = done));
    const draft = `**/api/v1/drafts/${draftId}`;
    await page.route(draft, async (route) => {
      if (route.request().method() === 'PATCH') await held;
      await route.continue();
    });
    await page.getByLabel('Order number').fill(value);
    await call('PATCH', `/drafts/${draftId}`, fields);
    release();
    await page.unroute(draft);
  };
  await typed('B-77', { notes: 'From elsewhere' });
  await page.getByRole('alertdialog', { name: 'Somebody else changed this meanwhile' }).waitFor();
  await shot('stale');
  await page.getByRole('button', { name: 'Keep mine' }).click();
  await until('mine is kept, and what they wrote elsewhere', async () => {
    const { order_reference, notes } = (await call('GET', `/drafts/${draftId}`)).content;
    return order_reference === 'B-77' && notes === 'From elsewhere';
  });
  await page.getByRole('alertdialog', { name: 'Somebody else changed this meanwhile' }).waitFor({ state: 'detached' });
  await typed('B-78', { notes: 'Danke' });
  await page.getByRole('button', { name: 'Take what is stored' }).click();
  await until('theirs is shown', async () => (await page.getByLabel('Order number').inputValue()) === 'B-77' && (await page.getByLabel('Notes').inputValue()) === 'Danke');

  step = 'the draft after a reload';
  await page.reload();
  await until('the totals are there again', async () => (await page.locator('dl.sums[aria-busy="false"]').count()) && (await sumShown('total')) === live.total);
  same(await page.getByLabel('Price of line 1').inputValue(), '117.97', 'the price as it is typed here');

  step = 'issue';
  await page.getByRole('button', { name: 'Issue…' }).click();
  await page.getByText('cannot be changed afterwards').waitFor();
  await shot('issue');
  await page.getByRole('button', { name: 'Issue it' }).click();
  await page.getByRole('heading', { name: /^Invoice / }).waitFor();
  const invoiceId = page.url().split('/').at(-1);
  let invoice = await call('GET', `/invoices/${invoiceId}`);
  const issued = { net: await sumShown('net'), taxes: await taxesShown(), total: await sumShown('total') };
  same(issued, { net: live.net, taxes: live.taxes, total: live.total }, 'the page shows what was promised');
  same([issued.net, issued.total], [invoice.net_total.amount, invoice.total.amount], 'the page shows what the API says');
  same(issued.taxes, invoice.taxes.map((row) => row.tax.amount), 'the taxes are those of the API');
  same(live.lines, invoice.lines.map((line) => line.total.amount), 'the lines are those of the API');
  const nets = invoice.lines.reduce((sum, line) => sum + line.net.amount, 0) - invoice.adjustments.reduce((sum, one) => sum + (one.kind === 'discount' ? one.net.amount : -one.net.amount), 0);
  same(nets, invoice.net_total.amount, 'nets of lines and discounts add up to the net');
  same(invoice.net_total.amount + invoice.tax_total.amount + invoice.rounding_amount.amount, invoice.total.amount, 'net, tax and rounding add up to the total');
  const gross = invoice.lines.reduce((sum, line) => sum + line.total.amount, 0) - invoice.adjustments.reduce((sum, one) => sum + one.amount.amount, 0);
  same(gross, invoice.total.amount, 'gross prices are kept');
  await pdf(`/api/v1/invoices/${invoiceId}/pdf`);
  const gone = await context.request.get(`${base}/api/v1/drafts/${draftId}`);
  same(gone.status(), 404, 'the draft is gone');
  check(await until('the PDF is shown', () => page.locator('aside iframe').first().isVisible()), 'the PDF is shown');
  await shot('issued');

  step = 'pay in part';
  const dialog = page.getByRole('dialog');
  await page.getByRole('button', { name: 'Record payment' }).click();
  const amount = dialog.getByRole('textbox', { name: /^Amount/ });
  same(shown(await amount.inputValue()), invoice.balance_due.amount, 'the balance is proposed');
  await amount.fill('100.00');
  await dialog.getByLabel('Reference').fill('Bank 4711');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Bank 4711').waitFor();
  await until('paid', async () => shown(await page.locator('[data-fact="paid"]').innerText()) === 10000);

  step = 'credit by lines';
  await page.getByRole('button', { name: 'Credit…' }).click();
  await dialog.getByLabel('Lines', { exact: true }).check();
  await dialog.getByRole('checkbox', { name: 'Töpferkurs' }).check();
  await dialog.getByLabel('Quantity of Töpferkurs').fill('9');
  await dialog.getByRole('button', { name: 'Issue credit note' }).click();
  await dialog.getByText(/^Only 3 of/).waitFor();
  await dialog.getByLabel('Quantity of Töpferkurs').fill('1');
  await dialog.getByLabel('Reason').fill('Ein Platz abgesagt');
  await shot('credit');
  await dialog.getByRole('button', { name: 'Issue credit note' }).click();
  await dialog.waitFor({ state: 'detached' });
  await until('credited', async () => (await page.locator('[data-fact="credited"]').count()) > 0);
  invoice = await call('GET', `/invoices/${invoiceId}`);
  const [note] = (await call('GET', `/invoices/${invoiceId}/credit-notes`)).items;
  same(note.total.amount, invoice.credited.amount, 'the credit note takes back what is credited');
  // One of three at 117.97, less 2.5 %.
  same(note.total.amount, 11502, 'one of three lines');

  step = 'credit by amount';
  await page.getByRole('button', { name: 'Credit…' }).click();
  await dialog.getByLabel('An amount').check();
  await dialog.getByLabel(/^Amount with tax/).fill('9999');
  await dialog.getByRole('button', { name: 'Issue credit note' }).click();
  await dialog.getByText(/can still be credited/).waitFor();
  await dialog.getByLabel(/^Amount with tax/).fill('10.01');
  await dialog.getByRole('button', { name: 'Issue credit note' }).click();
  await dialog.waitFor({ state: 'detached' });
  await until('credited more', async () => shown(await page.locator('[data-fact="credited"]').innerText()) === 12503);
  invoice = await call('GET', `/invoices/${invoiceId}`);
  same(shown(await page.locator('[data-fact="open"]').innerText()), invoice.balance_due.amount, 'what is open');
  same(invoice.balance_due.amount, invoice.total.amount - 10000 - 12503, 'total less paid less credited');
  await shot('invoice');
  await page.getByRole('link', { name: note.number }).click();
  await page.getByRole('heading', { name: `Credit note ${note.number}` }).waitFor();
  same(await sumShown('total'), note.total.amount, 'the credit note');

  step = 'the list and its filters';
  await page.goto(`${base}/invoices`);
  const rows = page.locator('[data-row]');
  await until('all documents', async () => (await rows.count()) >= 3);
  const owed = await call('GET', '/invoices/summary');
  same(shown(await page.locator('[data-sum="open"]').innerText()), owed.open.amount, 'what is owed in all');
  await choose('Kind', 'Credit note');
  await until('credit notes only', async () => (await rows.count()) === (await page.locator('[data-row][data-kind="credit_note"]').count()));
  check(page.url().includes('kind=credit_note'), 'the filter stands in the address');
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await page.getByRole('searchbox', { name: 'Number' }).fill(invoice.number);
  await until('one by its number', async () => (await rows.count()) === 1 && (await rows.innerText()).includes(invoice.number));
  await page.reload();
  await until('the filter survives a reload', async () => (await rows.count()) === 1 && (await page.getByRole('searchbox', { name: 'Number' }).inputValue()) === invoice.number);
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await page.getByRole('search').getByRole('button', { name: 'Client', exact: true }).click();
  await page.getByRole('combobox', { name: 'Client' }).fill('Sonnensch');
  await page.getByRole('option', { name: /Sonnenschein/ }).first().click();
  await until('of one client', async () => page.url().includes(clientId) && (await rows.count()) === 3);
  await choose('Status', 'Open');
  await until('open ones', async () => (await rows.count()) === 1);
  await choose('Status', 'Overdue');
  await page.getByText('Nothing is found by these filters.').waitFor();
  await page.goto(`${base}/invoices?from=2020-01-01&to=2020-01-31`);
  await page.getByText('Nothing is found by these filters.').waitFor();
  await page.goto(`${base}/invoices`);
  await until('the list again', async () => (await rows.count()) >= 3);
  await shot('list');

  step = 'send';
  await page.goto(`${base}/invoices/${invoiceId}`);
  await page.getByRole('button', { name: 'Send…' }).click();
  await dialog.getByLabel('Subject').fill('Ihre Rechnung');
  await dialog.getByRole('button', { name: 'Send it' }).click();
  await page.getByText('Written to buchhaltung@example.org').waitFor();
  const [letter] = (await call('GET', `/mails?invoice_id=${invoiceId}`)).items;
  same([letter.recipient, letter.subject], ['buchhaltung@example.org', 'Ihre Rechnung'], 'the letter');

  step = 'downloads';
  await page.locator('main').getByRole('button', { name: 'More', exact: true }).click();
  for (const name of ['Factur-X / ZUGFeRD (CII)', 'XRechnung (CII)', 'XRechnung (UBL)']) {
    const path = await page.getByRole('menuitem', { name }).getAttribute('href');
    const reply = await context.request.get(`${base}${path}`);
    check(reply.ok() && (await reply.text()).includes(invoice.number), `${name}: ${reply.status()}`);
  }

  step = 'gap report';
  await page.goto(`${base}/invoices/series`);
  await page.getByText('No number is missing in any series.').waitFor();
  await shot('series');

  step = 'exports';
  await page.goto(`${base}/invoices/exports`);
  await page.getByRole('button', { name: 'This month' }).click();
  // Where the business is, the month may be another one already.
  await page.getByRole('button', { name: 'This year' }).click();
  for (const name of ['Journal as CSV', 'DATEV-Buchungsstapel']) {
    const path = await page.getByRole('link', { name }).getAttribute('href');
    const reply = await context.request.get(`${base}${path}`);
    check(reply.ok() && (await reply.body()).includes(invoice.number), `${name}: ${reply.status()}`);
  }
  await shot('exports');

  step = 'settings';
  await page.goto(`${base}/settings/invoices`);
  await page.getByLabel('Pattern of invoices').fill('{prefix}{yy}{month}-{seq:04}');
  await page.getByLabel('Prefix of invoices').fill('AN-');
  await until('the next number is shown', async () => /^AN-\d{4}-0001$/.test(await page.locator('[data-next="invoices"]').innerText()));
  const promised = await page.locator('[data-next="invoices"]').innerText();
  await page.getByLabel('Tax number').fill('22/815/08150');
  await page.getByLabel('Accent colour', { exact: true }).fill('#8b1f5f');
  await page.getByRole('button', { name: 'Add rate' }).click();
  const count = await page.getByLabel(/^Name of tax/).count();
  await page.getByLabel(`Name of tax ${count}`).fill('Bauleistung');
  await page.getByLabel(`Category of tax ${count}`).selectOption('AE');
  await page.getByLabel(`Reason of tax ${count}`).fill('Steuerschuldnerschaft des Leistungsempfängers');
  await page.getByLabel('Texts of our own').check();
  await page.getByLabel('Subject').first().fill('Kleine Erinnerung {number}');
  await page.getByLabel('Bank', { exact: true }).fill('1800');
  await page.getByLabel('Upload a logo').setInputFiles(file('logo.png', await picture()));
  await page.getByAltText('Logo: logo.png').waitFor();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved', { exact: true }).waitFor();
  await shot('settings');
  const settings = await call('GET', '/settings');
  same([settings.invoicing.invoice_pattern, settings.invoice_prefix, settings.invoicing.tax_number, settings.invoicing.accent_color, settings.invoicing.accounts.bank],
    ['{prefix}{yy}{month}-{seq:04}', 'AN-', '22/815/08150', '#8b1f5f', '1800'], 'the settings');
  same(settings.invoicing.reminders[0].subject, 'Kleine Erinnerung {number}', 'the reminder');
  same([settings.tax_rates.at(-1).category, settings.tax_rates.at(-1).rate], ['AE', 0], 'the rate');
  check(settings.invoicing.logo_id, 'the logo is chosen');
  await page.reload();
  await page.getByAltText('Logo: logo.png').waitFor();
  await page.getByLabel('Accent colour', { exact: true }).fill('rot');
  await page.getByRole('button', { name: 'Save' }).click();
  await until('a wrong colour is said beside its field', async () => (await page.getByLabel('Accent colour', { exact: true }).getAttribute('aria-invalid')) === 'true');

  step = 'the number is the one that was shown';
  const next = await call('POST', '/invoices', { client_id: clientId, lines: [{ description: 'Ton', quantity: '1', unit_price: { amount: 100, currency: 'EUR' }, tax_rate: 1900 }] });
  same(next.number, promised, 'the next number');

  step = 'small and dark';
  await page.setViewportSize({ width: 360, height: 760 });
  await page.emulateMedia({ colorScheme: 'dark' });
  for (const path of ['/invoices', '/invoices?tab=drafts', '/invoices/new', `/invoices/${invoiceId}`, '/invoices/series', '/invoices/exports', '/settings/invoices', '/settings', `/clients/${clientId}`]) {
    await page.goto(`${base}${path}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.waitForTimeout(300);
    const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    check(over <= 0, `${path} is ${over} px too wide for 360`);
    await shot(`small${path.split('?')[0].replaceAll(/\/[0-9a-f-]{36}/g, '-one').replaceAll('/', '-')}`);
  }

  if (faults.length) throw new Error(`the browser complained:\n${faults.join('\n')}`);
  console.log('browser: an invoice from its first line to its credit note');
  console.log('1 passed, 0 failed');
} catch (error) {
  if (page) await shot('failed').catch(() => undefined);
  console.error(`browser test failed at "${step}" (pictures in ${artifacts})\n${error.message}\n${faults.join('\n')}`);
  console.log('0 passed, 1 failed');
  process.exitCode = 1;
} finally {
  await browser?.close();
}

/** Opens a filter of the list and takes one of its choices. */
async function choose(filter, choice) {
  await page.getByRole('search').getByRole('button', { name: filter }).first().click();
  await page.getByRole('button', { name: choice, exact: true }).click();
}

async function pdf(path) {
  const reply = await page.context().request.get(`${base}${path}`);
  const body = await reply.body();
  check(reply.status() === 200 && body.subarray(0, 5).toString() === '%PDF-', `${path} is no PDF: ${reply.status()}`);
}

function file(name, bytes) {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

/** A logo, drawn by the browser. */
async function picture() {
  const text = await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(600, 200);
    const brush = canvas.getContext('2d');
    brush.fillStyle = '#8b1f5f';
    brush.font = 'bold 90px sans-serif';
    brush.fillText('Atelier Nord', 20, 130);
    const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: 'image/png' })).arrayBuffer());
    return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  });
  return Buffer.from(text, 'base64');
}
