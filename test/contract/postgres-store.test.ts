import { postgresLog } from '../postgres/support/postgres-log.js';
import { databaseUrl } from '../support/postgres.js';
import { storeContract } from './store-contract.js';

storeContract('the store in Postgres', () => postgresLog(databaseUrl()));
