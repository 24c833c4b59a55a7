import { SLICES } from '../../messages/slice.js';
import { APPEND_LOCK } from '../names.js';
import type { Migration } from './migration.js';

/** The log, its writers, outcomes and snapshots. */
export const log: Migration = {
  number: 1,
  name: 'log',
  sql: (schema, lockClass) => `
CREATE TABLE ${schema}.meta (
  name  text PRIMARY KEY,
  value text NOT NULL
);
-- needs_code: the lowest migration number that a process must know to work on this schema.
INSERT INTO ${schema}.meta VALUES ('slices', '${SLICES}'), ('needs_code', '1');

CREATE TABLE ${schema}.events (
  position       bigint GENERATED ALWAYS AS IDENTITY (CACHE 1) NOT NULL,
  slice          smallint NOT NULL,
  aggregate      text COLLATE "C" NOT NULL,
  id             text COLLATE "C" NOT NULL,
  version        bigint NOT NULL CHECK (version BETWEEN 1 AND 9007199254740991),
  type           text COLLATE "C" NOT NULL,
  schema_version int NOT NULL DEFAULT 1,
  data           json NOT NULL,
  metadata       json NOT NULL,
  command_id     text COLLATE "C" NOT NULL,
  occurred_at    timestamptz NOT NULL,
  recorded_at    timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT events_pkey PRIMARY KEY (position),
  CONSTRAINT events_stream UNIQUE (aggregate, id, version)
);

-- Append-only. TRUNCATE passes row and statement triggers for UPDATE and DELETE, so it has its own.
CREATE FUNCTION ${schema}.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'troupe: % on %.% is refused: the log is append-only', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
    USING ERRCODE = 'TR005';
END $$;
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON ${schema}.events
  FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON ${schema}.events
  FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.refuse_change();

-- Who draws a position holds this lock until its transaction ends, whichever way it writes: a reader
-- that sees a hole in the positions waits for the holders.
CREATE FUNCTION ${schema}.lock_append() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(${lockClass}, ${APPEND_LOCK});
  RETURN NULL;
END $$;
CREATE TRIGGER lock_append BEFORE INSERT ON ${schema}.events
  FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.lock_append();
ALTER TABLE ${schema}.events ENABLE ALWAYS TRIGGER refuse_change;
ALTER TABLE ${schema}.events ENABLE ALWAYS TRIGGER refuse_truncate;
ALTER TABLE ${schema}.events ENABLE ALWAYS TRIGGER lock_append;

-- One row per start of a shard. Its epoch is raised to refuse what the old epoch has still under way.
CREATE TABLE ${schema}.writers (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  epoch      bigint NOT NULL DEFAULT 1,
  started_at timestamptz NOT NULL DEFAULT now()
);

-- First outcome per idempotency key. rejection: null for an accepted command.
CREATE TABLE ${schema}.outcomes (
  aggregate    text COLLATE "C" NOT NULL,
  id           text COLLATE "C" NOT NULL,
  key          text COLLATE "C" NOT NULL,
  hash         text COLLATE "C" NOT NULL,
  command_id   text COLLATE "C" NOT NULL,
  from_version bigint NOT NULL,
  to_version   bigint NOT NULL,
  rejection    json,
  expires_at   timestamptz NOT NULL,
  CONSTRAINT outcomes_pkey PRIMARY KEY (aggregate, id, key)
);
-- No index on expires_at: it would be paid by every keyed command. Sweeps go round the table, a part at a time.

CREATE TABLE ${schema}.snapshots (
  aggregate     text COLLATE "C" NOT NULL,
  id            text COLLATE "C" NOT NULL,
  state_version int NOT NULL,
  version       bigint NOT NULL,
  position      bigint NOT NULL,
  command_id    text COLLATE "C" NOT NULL,
  state         json NOT NULL,
  taken_at      timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT snapshots_pkey PRIMARY KEY (aggregate, id, state_version)
);

-- System identifier, timeline and start of the server: changes with every restart, failover, restore.
CREATE FUNCTION ${schema}.incarnation() RETURNS text LANGUAGE sql VOLATILE AS $$
  SELECT s.system_identifier || '/' || left(pg_walfile_name(pg_current_wal_lsn()), 8) || '/'
         || (extract(epoch FROM pg_postmaster_start_time()) * 1000000)::bigint
  FROM pg_control_system() s
$$;

-- The slice of an id, as the runtime computes it: FNV-1a over aggregate, zero byte, id, folded to 8 bits.
CREATE FUNCTION ${schema}.slice_of(p_aggregate text, p_id text) RETURNS int LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
  v_bytes bytea := convert_to(p_aggregate, 'UTF8') || '\\x00'::bytea || convert_to(p_id, 'UTF8');
  v_hash bigint := 2166136261;
BEGIN
  FOR i IN 0 .. length(v_bytes) - 1 LOOP
    v_hash := ((v_hash # get_byte(v_bytes, i)) * 16777619) & 4294967295;
  END LOOP;
  RETURN (v_hash # (v_hash >> 8) # (v_hash >> 16) # (v_hash >> 24)) & 255;
END $$;
`,
};
