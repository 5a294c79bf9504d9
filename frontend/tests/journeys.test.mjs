// What a reader does, with JavaScript and without: ask, check, follow up, object, delete.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startBrowser, startPilot, violations, visit as visitIn } from './pilot.mjs';

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

const visit = (javaScriptEnabled, journey) => visitIn(browser, { javaScriptEnabled }, journey);

for (const javaScriptEnabled of [true, false]) {
  describe(javaScriptEnabled ? 'with JavaScript' : 'without JavaScript', () => {
    test('a question is answered with its source, a warning and a person to contact', () => visit(javaScriptEnabled, async (page) => {
      await ask(page, 'How much is a garden waste subscription?');
      const answer = page.locator('article').last();
      assert.match(await answer.innerText(), /£\d+/);
      assert.match(await answer.innerText(), /computer/i);
      assert.match(await answer.innerText(), /029 2018 0\d{3}/);
      const source = answer.locator('a[href*="garden"]').first();
      assert.match(await source.getAttribute('href'), /^https:\/\/www\.aberwen\.example\//);
    }));

    test('a follow-up stays in the conversation', () => visit(javaScriptEnabled, async (page) => {
      await ask(page, 'How do I renew a Blue Badge?');
      await ask(page, 'How much does it cost?', { stay: true });
      assert.equal(await page.locator('article').count(), 2);
    }));

    test('a reader chooses what is true for them, and is not asked again', () => visit(javaScriptEnabled, async (page) => {
      await ask(page, 'When is the deadline to apply for a school place?');
      const form = page.locator('article').last().locator('form:has([name="choice"])');
      await form.locator('button').click();
      await page.locator('.govuk-error-summary a').click();
      if (javaScriptEnabled) {
        assert.match(await page.evaluate(() => document.activeElement.id), /^choice-.*-1$/);
        assert.deepEqual(await violations(page), []);
      }
      await page.getByLabel('Secondary school').check();
      await form.locator('button').click();
      await page.locator('article').nth(1).waitFor();
      const answer = await page.locator('article').last().innerText();
      assert.match(answer, /27 November 2026/);
      assert.doesNotMatch(answer, /15 January 2027/);
      assert.equal(await page.locator('[name="choice"]').count(), 0);
    }));

    test('a reader says in which role they ask, and that stays until they change it', () => visit(javaScriptEnabled, async (page) => {
      const question = 'How do I register a food business?';
      await page.goto(`${pilot.origin}/`);
      await page.getByLabel('Are you asking for yourself or for your work?').selectOption('individual');
      await ask(page, question, { stay: true });
      const answer = page.locator('article').last();
      assert.match(await answer.innerText(), /I have not quoted the page “Register a food business”/);
      // The script leaves the form as it was; without it, the address of the answer names the choice.
      assert.equal(await page.locator('#audience').inputValue(), 'individual');
      await page.locator('#audience').selectOption('business');
      await ask(page, question, { stay: true });
      assert.match(await answer.innerText(), /Written for businesses, employers and self-employed people/);
      assert.doesNotMatch(await answer.innerText(), /I have not quoted/);
    }));

    test('a mistake in feedback leaves whom the next answer is for, and a reader can take it back', () => visit(javaScriptEnabled, async (page) => {
      await page.goto(`${pilot.origin}/`);
      await page.locator('#nation').selectOption('scotland');
      await ask(page, 'Can I use my Blue Badge?', { stay: true });
      await page.locator('article .app-feedback summary').last().click();
      await page.locator('form[action*="feedback"] button').last().click();
      await page.locator('.govuk-error-summary').waitFor();
      assert.equal(await page.locator('#nation').inputValue(), 'scotland');
      await page.locator('#nation').selectOption({ label: 'I am not sure' });
      await ask(page, 'How much does it cost?', { stay: true });
      await page.locator('article').nth(1).waitFor();
      assert.equal(await page.locator('#nation').inputValue(), 'unknown');
      assert.doesNotMatch(await page.locator('article').last().innerText(), /Scotland/);
    }));

    test('an objection is kept', () => visit(javaScriptEnabled, async (page) => {
      await ask(page, 'When do I have to register a death?');
      const form = page.locator('form[action*="feedback"]').last();
      if (!(await form.isVisible())) await page.locator('article').last().locator('summary').last().click();
      await form.locator('input[value="wrong"]').check();
      await form.locator('textarea').fill('The date looks old to me');
      await form.locator('button').click();
      await page.waitForURL(/feedback\/thanks/);
      assert.match(await page.locator('main').innerText(), /thank/i);
    }));

    test('a conversation can be deleted', () => visit(javaScriptEnabled, async (page) => {
      await ask(page, 'Who can get a Blue Badge?');
      await page.locator('a[href*="delete"]').first().click();
      await page.locator('form[action*="delete"] button').click();
      await page.goto(`${pilot.origin}/conversation`);
      assert.equal(await page.locator('article').count(), 0);
    }));

    test('what looks like mark-up stays words', () => visit(javaScriptEnabled, async (page) => {
      await ask(page, 'Blue Badge <img src=x onerror="document.title=\'owned\'"> <script>document.title="owned"</script>');
      assert.doesNotMatch(await page.title(), /owned/);
      assert.match(await page.locator('article').last().innerText(), /<script>/);
    }));
  });
}

test('an answer arrives by streaming when there is JavaScript', () => visit(true, async (page) => {
  await page.goto(`${pilot.origin}/`);
  const stream = page.waitForResponse((response) => response.url().endsWith('/ask/stream'));
  await page.locator('#question').fill('Who can get a Blue Badge?');
  await page.locator('form:has(#question) button').click();
  assert.equal((await stream).status(), 200);
  assert.match((await stream).headers()['content-type'], /text\/event-stream/);
  await page.locator('article').waitFor();
}));

test('a streamed answer takes the focus and its place in the page', () => visit(true, async (page) => {
  await ask(page, 'How do I renew a Blue Badge?');
  await ask(page, 'How much does it cost?', { stay: true });
  const focused = await page.evaluate(() => document.activeElement.closest('article')?.id);
  assert.equal(focused, await page.locator('article').last().getAttribute('id'));
  assert.equal(await page.locator('#question').inputValue(), '');
  assert.ok(await page.locator('[data-app-live]').isHidden());
  assert.deepEqual(await violations(page), []);
}));

test('a mistake takes the focus, and is forgotten once it is mended', () => visit(true, async (page) => {
  await ask(page, 'How do I renew a Blue Badge?');
  await page.locator('form:has(#question) button').click();
  await page.locator('.govuk-error-summary').waitFor();
  assert.ok(await page.evaluate(() => document.activeElement.matches('.govuk-error-summary')));
  await page.locator('.govuk-error-summary a').click();
  assert.equal(await page.evaluate(() => document.activeElement.id), 'question');
  await ask(page, 'How much does it cost?', { stay: true });
  assert.equal(await page.locator('article').count(), 2);
  assert.equal(await page.locator('.govuk-error-summary').count(), 0);
  assert.doesNotMatch(await page.title(), /^Error/);
}));

test('the way back from an answer leads to a form that can be sent', () => visit(true, async (page) => {
  await ask(page, 'How do I renew a Blue Badge?');
  await page.goBack();
  assert.ok(await page.locator('[data-app-live]').isHidden());
  await ask(page, 'Who can get a Blue Badge?', { stay: true, answered: 1 });
  assert.equal(await page.locator('article').count(), 2);
}));

test('the Welsh page answers in Welsh', () => visit(true, async (page) => {
  await page.goto(`${pilot.origin}/cy`);
  await page.locator('#question').fill('Pwy sy’n gallu cael Bathodyn Glas?');
  await page.locator('form:has(#question) button').click();
  await page.waitForURL(/\/cy\/conversation/);
  assert.equal(await page.locator('html').getAttribute('lang'), 'cy');
  assert.match(await page.locator('article').last().innerText(), /Bathodyn Glas/);
}));

test('the first Tab leads past the navigation', () => visit(true, async (page) => {
  await page.goto(`${pilot.origin}/`);
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute('href')), '#main-content');
}));

// Asks on the first page, or in the conversation that is open.
async function ask(page, question, { stay = false, answered } = {}) {
  if (!stay) await page.goto(`${pilot.origin}/`);
  answered ??= await page.locator('article').count();
  await page.locator('#question').fill(question);
  await page.locator('form:has(#question) button').click();
  await page.waitForURL(/\/conversation/);
  await page.locator('article').nth(answered).waitFor();
}
