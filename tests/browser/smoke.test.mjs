// Does the rig carry the real server: log in, see the list, both ways.

import { assert, both, assertFits, login } from './harness.mjs';

both('smoke: log in and see the list', {}, async (t) => {
  await login(t.page, t.server, 'anna', t.rig.password);
  assert.match(await t.page.title(), /INBOX/i);
  await assertFits(t.page);
});

both('smoke: secure mode is trusted', {}, async (t) => {
  await login(t.page, t.server, 'anna', t.rig.password, { secure: true });
  assert.ok(t.page.url().startsWith(t.server.secure));
});
