import type { Migration } from './migration.js';

/** Durable subscriptions: checkpoints, leases and the streams that wait after a failure. */
export const subscriptions: Migration = {
  number: 3,
  name: 'subscriptions',
  sql: (schema) => `
-- One row per subscription. Whoever raises the checkpoint locks it first and checks the epoch.
CREATE TABLE ${schema}.subscriptions (
  name           text COLLATE "C" PRIMARY KEY,
  version        int NOT NULL,
  -- Of the code that may run it.
  fingerprint    text COLLATE "C" NOT NULL,
  -- Everything at or below is handled or parked; command_id is that of the event there, '' at 0.
  position       bigint NOT NULL,
  command_id     text COLLATE "C" NOT NULL,
  state          text COLLATE "C" NOT NULL CHECK (state IN ('catchingUp', 'live', 'retrying', 'paused', 'stopped')),
  attempts       int NOT NULL DEFAULT 0,
  error          json,
  epoch          bigint NOT NULL DEFAULT 0,
  owner          text,
  lease_until    timestamptz,
  -- Grows with each change of what is parked.
  parked_changes bigint NOT NULL DEFAULT 0,
  -- Events during which the thread ended, and how often.
  suspect_from   bigint,
  suspect_upto   bigint,
  deaths         int NOT NULL DEFAULT 0,
  updated_at     timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);

-- Events that failed. While one of a stream is not resolved, the stream waits for that subscription; the
-- events that wait behind it are those of the log up to the checkpoint.
CREATE TABLE ${schema}.parked (
  subscription  text COLLATE "C" NOT NULL REFERENCES ${schema}.subscriptions (name) ON DELETE CASCADE,
  aggregate     text COLLATE "C" NOT NULL,
  id            text COLLATE "C" NOT NULL,
  version       bigint NOT NULL,
  position      bigint NOT NULL,
  type          text COLLATE "C" NOT NULL,
  attempts      int NOT NULL,
  error         json,
  parked_at     timestamptz NOT NULL DEFAULT now(),
  -- An operator wants it tried again.
  is_asked      boolean NOT NULL DEFAULT false,
  resolved      text COLLATE "C" CHECK (resolved IN ('retried', 'skipped')),
  resolved_by   text,
  resolved_why  text,
  resolved_at   timestamptz,
  PRIMARY KEY (subscription, aggregate, id, version)
);
CREATE UNIQUE INDEX parked_open ON ${schema}.parked (subscription, aggregate, id) WHERE resolved IS NULL;
`,
};
