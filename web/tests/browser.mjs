// Chromium for the tests and pictures: one way to start it, to sign in, and to hear what a page complains about.
import { chromium } from 'playwright-core';

export const DEMO = { email: 'ada@example.org', password: 'demo demo demo' };

export function launch(more = []) {
  const args = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run', ...more];
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args });
}

/**
 * A window of its own, signed in to the demo, in one look and language. `complaints` gathers console errors and warnings,
 * failures, and requests to other hosts.
 */
export async function desk(browser, base, { width = 1280, height = 860, look = 'light', language = 'en', signedIn = true, ...more } = {}) {
  const context = await browser.newContext({ baseURL: base, viewport: { width, height }, locale: language, colorScheme: look === 'dark' ? 'dark' : 'light', ...more });
  await context.addInitScript(([look, language]) => {
    // A PDF inside a page is shown by a page of the browser's own, without storage.
    if (!globalThis.localStorage) return;
    if (localStorage.getItem('deskbell.look') === null) localStorage.setItem('deskbell.look', look);
    if (localStorage.getItem('deskbell.language') === null) localStorage.setItem('deskbell.language', language);
  }, [look, language]);
  const page = await context.newPage();
  const complaints = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(`${message.type()}: ${message.text()} (${page.url()})`);
  });
  page.on('pageerror', (error) => complaints.push(`page error: ${error} (${page.url()})`));
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(base) && !/^(data|blob|chrome|chrome-extension):/.test(url)) complaints.push(`request to another host: ${url}`);
  });
  if (signedIn) {
    const answer = await context.request.post('/api/v1/auth/login', { data: DEMO });
    if (!answer.ok()) throw new Error(`sign-in: ${answer.status()} ${await answer.text()}`);
  }
  return { context, page, complaints };
}

/** Waits until a page is there and asks for nothing more. */
export async function settled(page) {
  await page.waitForSelector('h1', { timeout: 15_000 });
  await page.waitForFunction(() => !document.querySelector('.wait, [aria-busy="true"]'), undefined, { timeout: 15_000 }).catch(() => undefined);
  await page.waitForTimeout(250);
}
