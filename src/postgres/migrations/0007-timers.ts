import type { Migration } from './migration.js';

/** The armed timers. */
export const timers: Migration = {
  number: 7,
  name: 'timers',
  sql: (schema) => `
-- Derived from the log by one subscription per source, so that those due first are found at once.
CREATE TABLE ${schema}.timers (
  -- Name in the log of the streams that arm them.
  source     text COLLATE "C" NOT NULL,
  id         text COLLATE "C" NOT NULL,
  key        text COLLATE "C" NOT NULL,
  -- Version of the event that armed it.
  generation bigint NOT NULL,
  due_at     timestamptz NOT NULL,
  -- Of the event that armed it.
  position   bigint NOT NULL,
  -- What is sent: type, data, correlation and causation ids.
  payload    json NOT NULL,
  -- Why its command failed again and again; it is not sent any more.
  failure    json,
  PRIMARY KEY (source, id, key)
) WITH (fillfactor = 80);
CREATE INDEX timers_due ON ${schema}.timers (source, due_at, position) WHERE failure IS NULL;
CREATE INDEX timers_listed ON ${schema}.timers (due_at, source, id, key);
`,
};
