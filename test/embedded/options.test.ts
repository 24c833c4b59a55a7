import { join } from 'node:path';
import { expect, test } from 'vitest';
import { embeddedPostgres } from '../../src/embedded/index.js';
import { resolveOptions } from '../../src/embedded/options.js';

test('the folder is `.troupe` in the working folder, the settings are those of Postgres', () => {
  expect(resolveOptions({})).toMatchObject({
    dir: join(process.cwd(), '.troupe'),
    port: undefined,
    settings: {},
  });
});

test.each([
  [{ port: 0 }, 'port'],
  [{ port: 65_536 }, 'port'],
  [{ port: 5432.5 }, 'port'],
  [{ settings: { listen_addresses: '*' } }, 'settings.listen_addresses'],
  [{ settings: { Port: '5432' } }, 'settings.Port'],
  [{ settings: { 'work mem': '5MB' } }, 'settings.work mem'],
  [{ settings: { work_mem: '5"MB' } }, 'settings.work_mem'],
])('the options %j are refused, by name', async (options, name) => {
  await expect(embeddedPostgres(options)).rejects.toMatchObject({
    code: 'EmbeddedOptionInvalid',
    details: { option: name },
    message: expect.stringContaining(name),
  });
});

test('what is done elsewhere is a warning of the process unless somebody listens', async () => {
  const { onNotice } = resolveOptions({});
  const warning = new Promise((resolve) => process.once('warning', resolve));
  onNotice('on purpose');

  expect(await warning).toMatchObject({ name: 'EmbeddedPostgres', message: 'on purpose' });
});
