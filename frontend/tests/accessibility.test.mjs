// Every page, in both languages, at a desk, on a small phone and at 400 % zoom, with our scripts and
// without: nothing that axe-core objects to, nothing that scrolls sideways, nothing from anybody else's
// server.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { screens, startBrowser, startPilot, steps, visit } from './pilot.mjs';

const paths = [
  '/', '/conversation', '/conversation/delete', '/conversation/deleted', '/feedback/thanks', '/about',
  '/privacy', '/cookies', '/accessibility', '/no-such-page',
];

// One question for each kind of answer, so that every part of the answer page is looked at. Two give the
// same kind of answer, whose parts must not share their names, and one is a single long word.
const questions = {
  en: [
    'How much is a garden waste subscription?',
    'What documents do I need to register a birth?',
    'What is the capital of Peru?',
    'Does my employer have to register a food business?',
    'I want to kill myself',
    'I want to end my life',
    'My email is ana@home.example, who can get a Blue Badge?',
    'a'.repeat(600),
  ],
  cy: ['Pwy sy’n gallu cael Bathodyn Glas?', 'Pryd mae’n rhaid i mi gofrestru busnes bwyd?', 'Beth yw prifddinas Periw?'],
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

for (const [locale, prefix] of [['en', ''], ['cy', '/cy']]) {
  describe(locale, () => {
    // Asked once and looked at on every screen: how asking goes is the business of the journeys.
    let cookie = '';
    before(async () => {
      for (const question of questions[locale]) cookie = await ask(prefix, question, cookie);
    });

    for (const screen of screens) {
      test(screen.name, (t) => visit(browser, screen, async (page, context) => {
        const [key, value] = cookie.split('=');
        await context.addCookies([{ name: key, value, url: pilot.origin }]);
        const step = steps(t, page, pilot.origin, locale);

        for (const path of paths) await step(prefix + path, () => page.goto(`${pilot.origin}${prefix}${path}`));

        await step('an empty question and the error it gives', async () => {
          await page.goto(`${pilot.origin}${prefix}/`);
          await page.locator('form:has(#question) button').click();
          await page.locator('.govuk-error-summary').waitFor();
        });

        await step('feedback without a choice and the error it gives', async () => {
          await page.goto(`${pilot.origin}${prefix}/conversation`);
          const feedback = page.locator('.app-feedback').last();
          await feedback.locator('summary').click();
          await feedback.locator('button').click();
          await page.locator('.govuk-error-summary').waitFor();
        });
      }));
    }
  });
}

// Asks as a browser without JavaScript does, and gives the cookie that names the conversation.
async function ask(prefix, question, cookie) {
  const body = new URLSearchParams({ question });
  const answer = await fetch(`${pilot.origin}${prefix}/ask`, { method: 'POST', body, headers: { cookie }, redirect: 'manual' });
  assert.equal(answer.status, 303, question);
  return answer.headers.get('set-cookie').split(';')[0];
}
