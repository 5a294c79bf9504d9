// Reviews: several people label answers, blind and in pairs, by keyboard, with JavaScript and without, and
// a third settles where two differ; every page open to everybody who labels.

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { check, screens, signIn as signInAt, startBrowser, startPilot, steps, visit as visitIn } from './pilot.mjs';

const question = 'Is every statement right?';

let pilot;
let browser;
let keys;
before(async () => {
  pilot = await startPilot();
  browser = await startBrowser();
  keys = Object.fromEntries(['Ann', 'Bob', 'Cat', 'Dan'].map((name) => [name, pilot.key('staff', name)]));
});
after(async () => {
  await browser?.close();
  await pilot?.stop();
});

const visit = (options, journey) => visitIn(browser, options, journey);
const signIn = (page, key, prefix) => signInAt(page, pilot.origin, key, prefix);

describe('pages', () => {
  test('are honest when there is nothing yet', () => visit({}, async (page) => {
    await signIn(page, keys.Ann);
    await page.goto(`${pilot.origin}/staff/reviews`);
    assert.match(await page.locator('main').innerText(), /There is no review yet/);
    await check(page, 'en');
  }));

  test('are filled', async () => {
    for (const asked of ['How much is a garden waste subscription?', 'Who can get a Blue Badge?', 'a'.repeat(600)]) await ask(asked);
    const words = ['--question', question, '--question-cy', 'Ydy pob datganiad yn gywir?'];
    const labels = ['--labels', 'right,partly,wrong', '--labels-cy', 'cywir,rhannol gywir,anghywir', '--double', '1'];
    for (const name of ['seen', 'with', 'without']) {
      pilot.run('review', 'create', name, '--from', '2026-01-01', '--answers', '3', ...words, ...labels);
    }
    const runs = [];
    for (const name of ['first', 'second']) {
      runs.push('--run', join(pilot.folder, `${name}.json`));
      await writeFile(runs.at(-1), log(name));
    }
    pilot.run('review', 'create', 'pairs', ...runs, '--answers', '2', '--question', 'Which is better?');
    // Two people differ, so that there is something to settle.
    await label('seen', keys.Ann, ['right', 'right', 'right']);
    await label('seen', keys.Bob, ['wrong', 'wrong', 'right']);
  });

  for (const [locale, prefix] of [['en', ''], ['cy', '/cy']]) {
    for (const screen of screens.filter(({ name }) => ['1280 px', '320 px without scripts'].includes(name))) {
      test(`${locale}, ${screen.name}`, (t) => visit(screen, async (page) => {
        const step = steps(t, page, pilot.origin, locale);
        const open = (path) => page.goto(`${pilot.origin}${prefix}/staff/reviews${path}`);
        const press = async (button, form) => {
          await page.locator(`form[action$="${form}"] button`).click();
          await page.waitForURL(button);
        };
        const save = async (error) => {
          await page.locator('form:has(#note) button').click();
          await page.locator(error).waitFor();
        };
        await signIn(page, keys.Cat, prefix);
        await step('the list', () => open(''));
        await step('a review', () => open('/seen'));
        await step('an answer to settle', async () => {
          await open('/seen');
          await press(/answers/, '/settle');
        });
        await step('a label that is not chosen and the error it gives', () => save('#choice-error'));
        await step('an answer of which nobody may know what others say', async () => {
          await open('/with');
          await press(/answers/, '/next');
          // One of the three cites nothing: it is labelled, and another comes.
          if (await page.locator('main details').count() === 0) {
            await page.locator('#choice').check();
            await page.locator('form:has(#note) button').click();
            await open('/with');
            await press(/answers/, '/next');
          }
        });
        await step('the passages around what it cites', async () => {
          const passages = page.locator('main details');
          assert.ok(await passages.count() > 0, 'there are passages to read');
          for (let at = 0; at < await passages.count(); at += 1) await passages.nth(at).locator('summary').click();
        });
        await step('a reason that is missing and the error it gives', async () => {
          await page.locator('#cannot-tell').check();
          await save('#note-error');
        });
        await step('a pair', async () => {
          await open('/pairs');
          await press(/answers/, '/next');
        });
        await step('a notice', () => open('/seen?notice=late'));
        await signIn(page, keys.Ann, prefix);
        await step('agreement, for whoever has finished', async () => {
          await open('/seen');
          await page.getByText('Krippendorff').waitFor();
        });
      }));
    }
  }
});

for (const javaScriptEnabled of [true, false]) {
  describe(javaScriptEnabled ? 'with JavaScript' : 'without JavaScript', () => {
    const name = javaScriptEnabled ? 'with' : 'without';

    test('an answer takes three keys', () => visit({ javaScriptEnabled }, async (page) => {
      await signIn(page, keys.Dan);
      await page.goto(`${pilot.origin}/staff/reviews/${name}`);
      await page.locator('form[action$="/next"] button').press('Enter');
      await page.waitForURL(/answers\/1#seen/);
      // The address ends where the answer begins, and no link stands before the first choice.
      await page.keyboard.press('Tab');
      assert.equal(await page.evaluate(() => document.activeElement.id), 'choice');
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      await page.waitForURL(/answers\/2#seen/);
      await page.keyboard.press('Tab');
      await page.keyboard.press('Space');
      await page.keyboard.press('Enter');
      await page.waitForURL(/answers\/3#seen/);
      await page.locator('#cannot-tell').check();
      await page.locator('#note').fill('The page is not there');
      await page.keyboard.press('Enter');
      await page.waitForURL(new RegExp(`reviews/${name}$`));
      assert.match(await page.locator('main').innerText(), /Answer 1: partly\s+Answer 2: right\s+Answer 3: I cannot tell/);
    }));

    test('a label is changed', () => visit({ javaScriptEnabled }, async (page) => {
      await signIn(page, keys.Dan);
      await page.goto(`${pilot.origin}/staff/reviews/${name}`);
      await page.locator('a', { hasText: 'Answer 1' }).click();
      assert.ok(await page.locator('#choice-2').isChecked());
      await page.locator('#choice-3').check();
      await page.locator('form:has(#note) button').click();
      await page.waitForURL(new RegExp(`reviews/${name}$`));
      assert.match(await page.locator('main').innerText(), /Answer 1: wrong/);
    }));
  });
}

test('nothing on the page says what gave an answer', () => visit({}, async (page) => {
  await signIn(page, keys.Dan);
  await page.goto(`${pilot.origin}/staff/reviews/pairs`);
  await page.locator('form[action$="/next"] button').click();
  await page.waitForURL(/answers/);
  const html = await page.content();
  for (const hidden of ['secret', 'first.json', 'second', 'Ann', '0.123']) assert.ok(!html.includes(hidden), hidden);
}));

// Asks over the API.
async function ask(question) {
  const headers = { 'content-type': 'application/json' };
  const reply = await fetch(`${pilot.origin}/api/v1/ask`, { method: 'POST', headers, body: JSON.stringify({ question }) });
  assert.ok(reply.ok, question);
}

// Labels every answer of a review that is offered, as a browser does.
async function label(review, key, labels) {
  const post = (path, fields, cookie = '') => fetch(`${pilot.origin}/staff${path}`, {
    method: 'POST', body: new URLSearchParams(fields), headers: { cookie }, redirect: 'manual',
  });
  const cookie = (await post('/sign-in', { key })).headers.get('set-cookie').split(';')[0];
  let leads = (await post(`/reviews/${review}/next`, {}, cookie)).headers.get('location');
  for (const choice of labels) {
    const path = leads.replace('/staff', '').replace('#seen', '');
    const given = await post(path, { choice, note: 'As the page says' }, cookie);
    assert.equal(given.status, 303, path);
    leads = given.headers.get('location');
  }
}

// The log of a run of two questions, as Inspect writes it.
function log(words) {
  const sample = (id) => ({
    id, epoch: 1, input: `Question ${id}?`, target: 'secret target', messages: [],
    output: { model: 'secret-model', choices: [{ message: { role: 'assistant', content: `An answer in ${words === 'first' ? 'few' : 'many more'} words` }, stop_reason: 'stop' }] },
    scores: { judge: { value: 0.123 } },
  });
  return JSON.stringify({
    version: 2, status: 'success',
    eval: { created: '2026-11-26T10:00:00+00:00', task: 't', dataset: {}, model: 'secret-model', config: {} },
    plan: {}, results: { scores: [] }, stats: {}, samples: [sample('a'), sample('b')],
  });
}
