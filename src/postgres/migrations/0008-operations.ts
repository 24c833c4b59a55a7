import type { Migration } from './migration.js';

/** What operators do to actors: the record of it, and the streams whose commands are refused. */
export const operations: Migration = {
  number: 8,
  name: 'operations',
  sql: (schema) => `
-- Written before anything is done; result, message and finished_at stay null if nobody lived to say.
CREATE TABLE ${schema}.audit (
  number      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at          timestamptz NOT NULL DEFAULT clock_timestamp(),
  who         text NOT NULL,
  why         text NOT NULL,
  verb        text COLLATE "C" NOT NULL,
  aggregate   text COLLATE "C" NOT NULL,
  id          text COLLATE "C" NOT NULL,
  result      text COLLATE "C",
  message     text,
  finished_at timestamptz
);
CREATE INDEX audit_stream ON ${schema}.audit (aggregate, id, number);

CREATE TABLE ${schema}.quarantine (
  aggregate text COLLATE "C" NOT NULL,
  id        text COLLATE "C" NOT NULL,
  who       text NOT NULL,
  why       text NOT NULL,
  since     timestamptz NOT NULL,
  PRIMARY KEY (aggregate, id)
);
-- One row. Its lock makes changes visible in the order in which they are counted.
CREATE TABLE ${schema}.quarantine_mark (
  scope   text PRIMARY KEY,
  changes bigint NOT NULL
);
INSERT INTO ${schema}.quarantine_mark VALUES ('log', 0);

-- Puts down what an operator is about to do; quarantine and release take effect with it.
--   p_verb            passivate, snapshot, reload, quarantine, release
--   p_aggregate, p_id the stream
--   p_who, p_why      who asks, and the reason
-- Returns the number of the entry.
CREATE FUNCTION ${schema}.begin_verb_v1(p_verb text, p_aggregate text, p_id text, p_who text, p_why text)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  v_number bigint;
BEGIN
  INSERT INTO ${schema}.audit (who, why, verb, aggregate, id)
  VALUES (p_who, p_why, p_verb, p_aggregate, p_id) RETURNING number INTO v_number;
  IF p_verb IN ('quarantine', 'release') THEN
    UPDATE ${schema}.quarantine_mark SET changes = changes + 1 WHERE scope = 'log';
  END IF;
  IF p_verb = 'quarantine' THEN
    INSERT INTO ${schema}.quarantine (aggregate, id, who, why, since)
    VALUES (p_aggregate, p_id, p_who, p_why, clock_timestamp())
    ON CONFLICT (aggregate, id) DO UPDATE SET who = excluded.who, why = excluded.why, since = excluded.since;
  ELSIF p_verb = 'release' THEN
    DELETE FROM ${schema}.quarantine q WHERE q.aggregate = p_aggregate AND q.id = p_id;
  END IF;
  RETURN v_number;
END $$;
`,
};
