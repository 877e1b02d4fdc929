// The address book: people, a file of another program, duplicates, recipients.

import { NARROW, assert, assertFits, assertGood, both, login, shotFolder } from './harness.mjs';
import { follow, go, press, unique } from './steps.mjs';

const CARDS = `BEGIN:VCARD
VERSION:4.0
FN:Ζωή Παπαδοπούλου
ORG:Βιβλιοπωλείο
EMAIL;TYPE=work:zoe@books.example
TEL;TYPE=cell:+30 21 0000
ADR;TYPE=home:;;Main St 1;Athens;;;Greece
CATEGORIES:Friends
END:VCARD
BEGIN:VCARD
VERSION:3.0
FN:Mila Novak
EMAIL:mila@novak.example
EMAIL:m.novak@work.example
END:VCARD
BEGIN:VCARD
VERSION:3.0
FN:Novak, Mila
EMAIL:milan@novak.example
END:VCARD
BEGIN:VCARD
TEL:1
END:VCARD
`;

/** In an address book that tests before this one may have filled. */
async function clear(page, t) {
  await page.goto(`${t.server.plain}/contacts`);
  while ((await page.locator('.book-list').count()) > 0) {
    for (const box of await page.locator('input[name=person]').all()) await box.check();
    await press(page, 'Remove');
  }
}

for (const width of [{}, { width: NARROW }]) {
  const place = width.width ? ' (360 px)' : '';

  both(`contacts: from a file to a letter${place}`, width, async (t) => {
    const { page } = t;
    /** Once at all widths, in light and dark; axe needs JavaScript. */
    const assertLooks = (label) =>
      t.js && !width.width ? assertGood(page, label, { dark: true }) : assertFits(page);
    await login(page, t.server, 'chloe', t.rig.password);
    await clear(page, t);
    await follow(page, 'Import');
    await assertLooks('contacts-import');
    await page.setInputFiles('#file', { name: 'book.vcf', mimeType: 'text/vcard', buffer: Buffer.from(CARDS) });
    await press(page, 'Look at it');
    const said = await page.innerText('main');
    assert.match(said, /3 new contacts/);
    assert.match(said, /1 entry will be left out/);
    await page.locator('summary', { hasText: 'new contacts' }).click();
    await assertLooks('contacts-plan');
    await go(page, page.getByRole('button', { name: 'Import', exact: true }));
    assert.match(await page.innerText('[role=status]'), /3 contacts imported/);
    await assertLooks('contacts-list');

    await follow(page, 'Ζωή Παπαδοπούλου');
    assert.equal(await page.inputValue('#phone1'), '+30 21 0000');
    assert.match(await page.innerText('main'), /Main St 1, Athens/);
    await assertLooks('contacts-person');
    await page.fill('#position', 'Chief');
    await press(page, 'Save');
    assert.match(await page.innerText('[role=status]'), /saved/);

    await follow(page, 'Find duplicates');
    await assertLooks('contacts-duplicates');
    await press(page, 'Show the result');
    await assertLooks('contacts-merge');
    await press(page, 'Merge them');
    assert.match(await page.innerText('[role=status]'), /2 contacts are one now/);
    assert.equal(await page.locator('input[name=person]').count(), 2);

    await page.fill('#q', 'ΖΩΗ');
    await go(page, page.locator('.search button'));
    assert.equal(await page.locator('input[name=person]').count(), 1);

    await page.goto(`${t.server.plain}/compose`);
    const words = unique('My words');
    await page.fill('#body', words);
    await press(page, 'Choose from contacts');
    await page.getByLabel(/Friends/).check();
    await page.getByLabel(/m.novak@work.example/).check();
    await assertLooks('contacts-choose');
    await press(page, 'Add to To');
    assert.equal(
      await page.inputValue('#to'),
      'Mila Novak <m.novak@work.example>, Ζωή Παπαδοπούλου <zoe@books.example>',
    );
    assert.ok((await page.inputValue('#body')).includes(words));
    if (!t.js) await page.screenshot({ path: `${shotFolder}/contacts-compose-nojs.png`, fullPage: true });
    await go(page, page.getByRole('button', { name: 'Discard' }).first());
  });
}
