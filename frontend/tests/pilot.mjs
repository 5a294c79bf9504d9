// The real program, serving the sample on a free port from a scratch folder, and a real browser.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

export const root = fileURLToPath(new URL('../..', import.meta.url));
const require = createRequire(import.meta.url);

// Chromium must not reach for hosts of its own: the tests also check that nothing else does.
const quiet = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync',
  '--disable-background-networking', '--disable-component-update', '--disable-default-apps',
];

export const program = process.env.CANDOUR ?? join(process.env.CARGO_TARGET_DIR ?? join(root, 'target'), 'debug', 'candour');

// Starts `candour demo` and resolves when it is ready.
export async function startPilot() {
  const state = await mkdtemp(join(tmpdir(), 'candour-browser-'));
  const address = `127.0.0.1:${await freePort()}`;
  const server = spawn(program, ['demo', '--listen', address, '--state', state], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, CANDOUR_SERVE__QUESTIONS_PER_MINUTE: '1000000', CANDOUR_LOG: 'warn' },
  });
  let complaints = '';
  server.stderr.on('data', (text) => { complaints += text; });
  const origin = `http://${address}`;
  for (let tries = 0; ; tries += 1) {
    const ready = await fetch(`${origin}/api/v1/ready`).then((r) => r.ok, () => false);
    if (ready) break;
    if (server.exitCode !== null || tries > 600) throw new Error(`the demo did not start: ${complaints}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const stop = async () => {
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGTERM');
    await ended;
    await rm(state, { recursive: true, force: true });
  };
  // Does what whoever runs the pilot does at the command line.
  const run = (...words) => execFileSync(
    program,
    [...words, '--state', join(state, 'demo')],
    { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  ).trim();
  const key = (role, name = 'Duty officer') => run('keys', 'create', '--name', name, '--role', role, '--reason', 'browser tests');
  return { origin, key, run, folder: state, stop };
}

// Starts Chromium: the one that CHROMIUM names, or the one on the path.
export function startBrowser() {
  const name = process.env.CHROMIUM ?? 'chromium';
  const onPath = process.env.PATH.split(':').map((folder) => join(folder, name)).find(existsSync);
  return chromium.launch({ executablePath: name.includes('/') ? name : onPath ?? name, args: quiet });
}

// Runs axe-core on a page and gives what a person with a disability would stumble over.
export async function violations(page) {
  // What is waited for may be there before the style sheet, without which nothing has its colour or size.
  await page.waitForLoadState('load');
  const axe = await readFile(require.resolve('axe-core/axe.min.js'), 'utf8');
  // Through the debugger, since the page's own policy rightly forbids injected scripts.
  await page.evaluate(axe);
  const found = await page.evaluate(() => globalThis.axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  }));
  return found.violations.map(({ id, impact, nodes }) => `${impact}: ${id} at ${nodes.map((n) => n.target.join(' ')).join(', ')}`);
}

// Collects requests that leave the pilot, and whatever the browser objects to.
export function listen(page, origin) {
  const complaints = [];
  page.on('request', (request) => {
    if (!request.url().startsWith(origin)) complaints.push(request.url());
  });
  page.on('console', (message) => {
    // The page that is not there and the forms that are not filled in are refused on purpose.
    const refused = /the server responded with a status of 4\d\d/.test(message.text());
    if (message.type() === 'error' && !refused) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  return complaints;
}

// Gives a page on a screen of its own. Without scripts, ours come empty, because axe-core itself needs a
// browser that runs scripts.
export async function visit(browser, { name, withoutScripts, ...options }, journey) {
  const context = await browser.newContext(options);
  try {
    if (withoutScripts) await context.route(/\.js$/, (route) => route.fulfill({ contentType: 'text/javascript', body: '' }));
    await journey(await context.newPage(), context);
  } finally {
    await context.close();
  }
}

// Gives what makes a test of each step of a visit, after which the page is checked.
export function steps(t, page, origin, locale) {
  const complaints = listen(page, origin);
  return (title, go) => t.test(title, async () => {
    complaints.length = 0;
    await go();
    await check(page, locale);
    assert.deepEqual(complaints, []);
  });
}

// Signs in to the pages for staff.
export async function signIn(page, origin, key, prefix = '') {
  await page.goto(`${origin}${prefix}/staff/sign-in`);
  await page.locator('#key').fill(key);
  await page.locator('form:has(#key) button').click();
  await page.waitForURL(/\/staff$/);
}

// What every page owes everybody: its language, one main heading, no scrolling sideways, nothing that
// axe-core objects to.
export async function check(page, locale) {
  await page.waitForLoadState('load');
  assert.equal(await page.locator('html').getAttribute('lang'), locale);
  assert.equal(await page.locator('h1').count(), 1, 'one main heading');
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(overflow <= 0, `the page scrolls sideways by ${overflow} px`);
  assert.deepEqual(await violations(page), []);
}

// 400 % zoom of a 1280 px window shows 320 CSS pixels at four device pixels each.
export const screens = [
  { name: '1280 px', viewport: { width: 1280, height: 900 } },
  { name: '320 px', viewport: { width: 320, height: 700 } },
  { name: '400 % zoom', viewport: { width: 320, height: 225 }, deviceScaleFactor: 4 },
  { name: '320 px without scripts', viewport: { width: 320, height: 700 }, withoutScripts: true },
];

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
