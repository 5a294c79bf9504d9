// Every page, in both languages, at a desk, on a small phone and at 400 % zoom: nothing that axe-core
// objects to, nothing that scrolls sideways, nothing from anybody else's server.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startBrowser, startPilot, violations } from './pilot.mjs';

// 400 % zoom of a 1280 px window shows 320 CSS pixels at four device pixels each.
const screens = [
  { name: '1280 px', viewport: { width: 1280, height: 900 } },
  { name: '320 px', viewport: { width: 320, height: 700 } },
  { name: '400 % zoom', viewport: { width: 320, height: 225 }, deviceScaleFactor: 4 },
];

const plainPages = ['/', '/about', '/privacy', '/cookies', '/accessibility', '/conversation', '/no-such-page'];

// One question for each kind of answer, so that every part of the answer page is looked at.
const questions = {
  en: [
    'How much is a garden waste subscription?',
    'What documents do I need to register a birth?',
    'What is the capital of Peru?',
    'I want to kill myself',
    'My email is ana@home.example, who can get a Blue Badge?',
  ],
  cy: ['Pwy sy’n gallu cael Bathodyn Glas?', 'Beth yw prifddinas Periw?'],
};

let pilot;
let browser;
before(async () => {
  pilot = await startPilot();
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await pilot?.stop();
});

for (const { name, ...screen } of screens) {
  for (const [locale, prefix] of [['en', ''], ['cy', '/cy']]) {
    describe(`${name}, ${locale}`, () => {
      for (const path of plainPages) {
        test(`${prefix}${path}`, () => look(screen, async (page) => {
          await page.goto(`${pilot.origin}${prefix}${path}`);
          await check(page, locale);
        }));
      }

      test('an empty question and the errors it gives', () => look(screen, async (page) => {
        await page.goto(`${pilot.origin}${prefix}/`);
        await page.locator('form:has(#question) button').click();
        await page.locator('.govuk-error-summary').waitFor();
        await check(page, locale);
      }));

      test('answers, feedback and deletion', () => look(screen, async (page) => {
        for (const question of questions[locale]) {
          await page.goto(`${pilot.origin}${prefix}/`);
          await page.locator('#question').fill(question);
          await page.locator('form:has(#question) button').click();
          await page.waitForURL(/\/conversation/);
        }
        await check(page, locale);
        await page.locator('a[href*="delete"]').first().click();
        await check(page, locale);
      }));
    });
  }
}

// Opens a page, and fails on any request that leaves the pilot and on anything the browser objects to.
async function look(screen, visit) {
  const context = await browser.newContext(screen);
  const page = await context.newPage();
  const elsewhere = [];
  const complaints = [];
  page.on('request', (request) => {
    if (!request.url().startsWith(pilot.origin)) elsewhere.push(request.url());
  });
  page.on('console', (message) => {
    // The page that is not there and the question that is empty are refused on purpose.
    const refused = /the server responded with a status of 4\d\d/.test(message.text());
    if (message.type() === 'error' && !refused) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  try {
    await visit(page);
    assert.deepEqual(elsewhere, []);
    assert.deepEqual(complaints, []);
  } finally {
    await context.close();
  }
}

async function check(page, locale) {
  assert.equal(await page.locator('html').getAttribute('lang'), locale);
  assert.equal(await page.locator('h1').count(), 1, 'one main heading');
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(overflow <= 0, `the page scrolls sideways by ${overflow} px`);
  assert.deepEqual(await violations(page), []);
}
