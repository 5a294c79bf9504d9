// The real program, serving the sample on a free port from a scratch folder, and a real browser.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const root = fileURLToPath(new URL('../..', import.meta.url));
const require = createRequire(import.meta.url);

// Chromium must not reach for hosts of its own: the tests also check that nothing else does.
const quiet = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync',
  '--disable-background-networking', '--disable-component-update', '--disable-default-apps',
];

// Starts `candour demo` and resolves when it is ready.
export async function startPilot() {
  const state = await mkdtemp(join(tmpdir(), 'candour-browser-'));
  const address = `127.0.0.1:${await freePort()}`;
  const program = process.env.CANDOUR ?? join(process.env.CARGO_TARGET_DIR ?? join(root, 'target'), 'debug', 'candour');
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
  return { origin, stop };
}

// Starts Chromium: the one that CHROMIUM names, or the one on the path.
export function startBrowser() {
  const name = process.env.CHROMIUM ?? 'chromium';
  const onPath = process.env.PATH.split(':').map((folder) => join(folder, name)).find(existsSync);
  return chromium.launch({ executablePath: name.includes('/') ? name : onPath ?? name, args: quiet });
}

// Runs axe-core on a page and gives what a person with a disability would stumble over.
export async function violations(page) {
  const axe = await readFile(require.resolve('axe-core/axe.min.js'), 'utf8');
  // Through the debugger, since the page's own policy rightly forbids injected scripts.
  await page.evaluate(axe);
  const found = await page.evaluate(() => globalThis.axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  }));
  return found.violations.map(({ id, impact, nodes }) => `${impact}: ${id} at ${nodes.map((n) => n.target.join(' ')).join(', ')}`);
}

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
