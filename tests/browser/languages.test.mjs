// What scripts say: in the language of the page, by its plural rules.

import { assert, assertGood, login, test } from './harness.mjs';
import { go, letter } from './steps.mjs';

/** Somebody whose browser asks for this language, in the inbox. */
async function begin(t, locale) {
  const { user, password } = await t.rig.call('person');
  await t.rig.call('append', { user, folder: 'INBOX', message: letter({ subject: 'Hello', to: user }) });
  const context = await t.newContext({ locale });
  const page = await context.newPage();
  await login(page, t.server, user, password, { secure: true });
  return page;
}

const said = (page, name, slots) => page.evaluate(([words, more]) => globalThis.iwm(words, more), [name, slots]);
const counts = (page, name, numbers) => Promise.all(numbers.map((count) => said(page, name, { count })));

test('languages: a message is written in German', {}, async (t) => {
  const page = await begin(t, 'de-DE');
  await page.locator('main > .vh[role=status]').waitFor({ state: 'attached' });
  assert.equal(await page.evaluate('document.documentElement.lang'), 'de');
  assert.deepEqual(await counts(page, 'newMails', [0, 1, 2, 1234]), [
    '0 neue Nachrichten', '1 neue Nachricht', '2 neue Nachrichten', '1.234 neue Nachrichten',
  ]);
  await page.keyboard.press('e');
  assert.equal(await page.locator('main > .vh[role=status]').innerText(), 'Es ist keine Nachricht ausgewählt.');

  await go(page, page.locator('#folders .write'));
  await page.fill('#subject', 'Grüße');
  await page.locator('#compose-state').filter({ hasText: /^Gespeichert um \d\d:\d\d$/ }).waitFor();
  await page.setInputFiles('#file', { name: 'Plan.txt', mimeType: 'text/plain', buffer: Buffer.from('Plan\n') });
  await page.locator('#files li button', { hasText: 'Entfernen Plan.txt' }).waitFor();
  await page.getByRole('button', { name: 'Formatierter Text' }).click();
  const bar = page.getByRole('toolbar', { name: 'Formatierung' });
  await bar.waitFor();
  assert.equal(await bar.getByRole('button', { name: 'Fett' }).getAttribute('title'), 'Fett (Strg+B)');
  assert.deepEqual((await bar.locator('button').allInnerTexts()).slice(0, 5), ['F', 'K', 'U', 'abc', '• Liste']);
  assert.deepEqual(await bar.locator('option').allInnerTexts(), ['Größe', 'Klein', 'Normal', 'Groß', 'Sehr groß']);
  await assertGood(page, 'languages-compose-de');

  // The server does not answer: that is said in German, too.
  t.allow(/ERR_INTERNET_DISCONNECTED/);
  await page.context().setOffline(true);
  await page.fill('#subject', 'Viele Grüße');
  await page.locator('#compose-state').filter({ hasText: 'Nicht gespeichert: Der Server ist nicht erreichbar.' }).waitFor();
  await page.context().setOffline(false);
});

test('languages: numbers in Arabic, Japanese and French words', {}, async (t) => {
  const arabic = await begin(t, 'ar-EG');
  assert.deepEqual(await counts(arabic, 'newMails', [0, 1, 2, 3, 10, 11, 99, 100, 103]), [
    'لا رسائل جديدة', 'رسالة جديدة واحدة', 'رسالتان جديدتان', '3 رسائل جديدة', '10 رسائل جديدة', '11 رسالة جديدة',
    '99 رسالة جديدة', '100 رسالة جديدة', '103 رسائل جديدة',
  ]);
  const french = await begin(t, 'fr-FR');
  assert.deepEqual(await counts(french, 'dragged', [0, 1, 2]), ['0 message', '1 message', '2 messages']);
  const japanese = await begin(t, 'ja-JP');
  assert.equal(await said(japanese, 'drop', { what: await said(japanese, 'dragged', { count: 3 }) }),
    '3 件のメッセージ：フォルダーの上にドロップすると移動します。Esc キーで何も変えずに中止します。');
});
