// Lighthouse on loopback: BASE_URL says where, LIGHTHOUSE is its command. Performance, accessibility and best practices
// of the pages that staff open most, 95 at least, as a computer and its network are simulated by Lighthouse's own preset.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEMO } from './browser.mjs';

const base = process.env.BASE_URL;
const [command, ...before] = (process.env.LIGHTHOUSE ?? 'npx --yes lighthouse@12').split(' ');
const folder = mkdtempSync(join(tmpdir(), 'deskbell-lighthouse-'));
const answer = await fetch(`${base}/api/v1/auth/login`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(DEMO) });
const cookie = answer.headers.getSetCookie().map((one) => one.split(';')[0]).join('; ');
if (!answer.ok || !cookie) throw new Error(`sign-in: ${answer.status}`);
const headers = join(folder, 'headers.json');
writeFileSync(headers, JSON.stringify({ Cookie: cookie }));
const flags = '--headless --no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync --no-first-run';
const parts = ['performance', 'accessibility', 'best-practices'];
let wrong = 0;
for (const path of (process.env.PATHS ?? '/login /,/calendar?view=week /bookings /bookings/new /clients /programs /invoices /reports/revenue /media /settings /system').split(/[ ,]/)) {
  const out = join(folder, 'report.json');
  const args = [...before, base + path, '--quiet', '--output=json', `--output-path=${out}`, `--chrome-flags=${flags}`, `--only-categories=${parts.join(',')}`, '--preset=desktop'];
  if (path !== '/login') args.push(`--extra-headers=${headers}`);
  execFileSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, CHROME_PATH: process.env.CHROMIUM ?? '/usr/bin/chromium' } });
  const report = JSON.parse(readFileSync(out, 'utf8'));
  const scores = parts.map((part) => Math.round(report.categories[part].score * 100));
  const low = parts.flatMap((part) => report.categories[part].auditRefs.filter(({ id, weight }) => weight && (report.audits[id].score ?? 1) < 0.9).map(({ id }) => id));
  if (scores.some((score) => score < 95)) wrong += 1;
  console.log(`${path}: ${parts.map((part, at) => `${part} ${scores[at]}`).join(', ')}${low.length ? ` (${low.join(', ')})` : ''}`);
}
process.exit(wrong ? 1 : 0);
