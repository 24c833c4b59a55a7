import { describe, it } from 'vitest';
import { installedPrograms, installedServer } from '../postgres/support/installed-server.js';
import { postgresLog } from '../postgres/support/postgres-log.js';
import { storeContract } from './store-contract.js';

const programs = installedPrograms(15);

if (programs) {
  storeContract('the store in PostgreSQL 15, the oldest supported', async () => {
    const server = await installedServer(programs);
    const log = await postgresLog(server.url);
    return { open: () => log.open(), stop: () => server.stop() };
  });
} else {
  describe('the store in PostgreSQL 15', () => {
    it.skip('is not tested: /usr/lib/postgresql/15/bin is not there', () => undefined);
  });
}
