import type { Migration } from './migration.js';

/**
 * Inline projections: which ones the log has, and the trigger that refuses an append that does not run
 * exactly those that it concerns. The trigger is there only while one is active: else it would cost each append.
 */
export const inlineProjections: Migration = {
  number: 5,
  name: 'inline_projections',
  sql: (schema) => `
CREATE TABLE ${schema}.inline_projections (
  name            text COLLATE "C" NOT NULL,
  version         int NOT NULL,
  state           text COLLATE "C" NOT NULL CHECK (state IN ('filling', 'active', 'retired', 'removed')),
  -- What it listens to: all events of some aggregates, and pairs of aggregate and type.
  aggregates      text[] COLLATE "C" NOT NULL,
  type_aggregates text[] COLLATE "C" NOT NULL,
  types           text[] COLLATE "C" NOT NULL,
  -- While it is filling: everything at or below is in its tables.
  position        bigint NOT NULL DEFAULT 0,
  updated_at      timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (name, version)
);
CREATE UNIQUE INDEX inline_projections_active ON ${schema}.inline_projections (name) WHERE state = 'active';

-- Refuses (TR007). p_needed: those active that the events concern; p_runs: what the append runs.
CREATE FUNCTION ${schema}.inline_projections_differ(p_needed text[], p_runs text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'troupe: these events need the inline projections %, and this append runs %', p_needed, p_runs
    USING ERRCODE = 'TR007',
      HINT = 'Write with the release of the service that has them, or remove them: troupe inline remove NAME.',
      DETAIL = json_build_object('needed', p_needed, 'runs', p_runs, 'active', ARRAY(
        SELECT p.name || '@' || p.version FROM ${schema}.inline_projections p WHERE p.state = 'active' ORDER BY 1));
END $$;

-- What the transaction runs, as name@version.
CREATE FUNCTION ${schema}.inline_projections_run() RETURNS text[] LANGUAGE sql STABLE AS $$
  SELECT string_to_array(coalesce(current_setting('troupe.inline', true), ''), ',')
$$;

-- Whatever inserts events, and however: what they need must be run. SECURITY DEFINER: who may insert
-- events need not have the right to read which projections there are.
CREATE FUNCTION ${schema}.check_inline() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  v_runs text[] := ${schema}.inline_projections_run();
  v_needed text[];
BEGIN
  -- A snapshot from before one was activated would show that nothing is needed.
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'troupe: the log has inline projections: events are inserted in READ COMMITTED only, not %',
      current_setting('transaction_isolation') USING ERRCODE = 'TR008';
  END IF;
  WITH kinds AS MATERIALIZED (SELECT DISTINCT i.aggregate, i.type FROM inserted i)
  SELECT coalesce(array_agg(p.name || '@' || p.version ORDER BY p.name), '{}') INTO v_needed
  FROM ${schema}.inline_projections p
  WHERE p.state = 'active' AND EXISTS (
    SELECT FROM kinds k WHERE k.aggregate = ANY (p.aggregates) OR (k.aggregate, k.type) IN (
      SELECT t.aggregate, t.type FROM unnest(p.type_aggregates, p.types) AS t(aggregate, type)));
  IF NOT v_needed <@ v_runs THEN
    PERFORM ${schema}.inline_projections_differ(v_needed, v_runs);
  END IF;
  RETURN NULL;
END $$;

-- To be called behind the append, in its transaction: what it runs must be active, even where no trigger
-- looks any more. Returns the time in ms at which the events are recorded.
--   p_positions   what the append returned, so that it comes first
CREATE FUNCTION ${schema}.check_inline_v1(p_positions bigint[]) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  v_runs text[] := ${schema}.inline_projections_run();
BEGIN
  -- Empty, too, where BEGIN has failed: nothing may then be stored.
  IF cardinality(v_runs) = 0 OR EXISTS (
    SELECT FROM unnest(v_runs) AS r(key) WHERE NOT EXISTS (
      SELECT FROM ${schema}.inline_projections p WHERE p.name || '@' || p.version = r.key AND p.state = 'active'))
  THEN
    PERFORM ${schema}.inline_projections_differ('{}', v_runs);
  END IF;
  RETURN (extract(epoch FROM now()) * 1000)::bigint;
END $$;

-- Keeps everybody from appending until the transaction ends, and waits for appends under way. The next
-- statement sees all that was appended.
CREATE FUNCTION ${schema}.lock_events_v1() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  LOCK TABLE ${schema}.events IN SHARE ROW EXCLUSIVE MODE;
END $$;

-- Makes or drops the trigger, as there are active inline projections or none. After lock_events_v1.
CREATE FUNCTION ${schema}.guard_inline_v1() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  v_wanted boolean := EXISTS (SELECT FROM ${schema}.inline_projections p WHERE p.state = 'active');
  v_there boolean := EXISTS (
    SELECT FROM pg_trigger WHERE tgrelid = '${schema.replaceAll("'", "''")}.events'::regclass AND tgname = 'check_inline');
BEGIN
  IF v_wanted AND NOT v_there THEN
    CREATE TRIGGER check_inline AFTER INSERT ON ${schema}.events REFERENCING NEW TABLE AS inserted
      FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.check_inline();
    ALTER TABLE ${schema}.events ENABLE ALWAYS TRIGGER check_inline;
  ELSIF v_there AND NOT v_wanted THEN
    BEGIN
      DROP TRIGGER check_inline ON ${schema}.events;
    EXCEPTION WHEN lock_not_available THEN
      NULL; -- somebody has been reading for long: it stays, and refuses nothing
    END;
  END IF;
END $$;
REVOKE EXECUTE ON FUNCTION ${schema}.lock_events_v1(), ${schema}.guard_inline_v1() FROM PUBLIC;
`,
};
