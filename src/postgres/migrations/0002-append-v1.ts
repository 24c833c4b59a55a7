import { APPEND_LOCK } from '../names.js';
import type { Migration } from './migration.js';

/**
 * The append, one round trip. Functions are versioned: a later form gets a name of its own, so that
 * processes of the release before go on during a deploy.
 */
export const appendV1: Migration = {
  number: 2,
  name: 'append_v1',
  sql: (schema, lockClass) => `
-- Appends a batch or nothing and returns the positions in the order of the rows, which must come sorted
-- by (aggregate, id, version) in collation "C".
--   p_writer, p_epoch       who appends; refused once the epoch was raised (TR001)
--   p_incarnation           server that the writer knows; another one refuses (TR002)
--   p_lock_timeout_ms       longest wait for a lock (55P03)
--   p_slice .. p_occurred   the events, one array per column
--   p_key .. p_keep_ms      empty, or with the last event of each keyed command its outcome; p_key '' = none
--   a_*                     streams that must stand at a version (TR003)
--   o_*                     all other outcomes; o_rejection '' = accepted
--   keep_ms                 -1 = for ever
CREATE FUNCTION ${schema}.append_v1(
  p_writer bigint, p_epoch bigint, p_incarnation text, p_lock_timeout_ms int,
  p_slice int[], p_aggregate text[], p_id text[], p_version bigint[], p_type text[],
  p_schema_version int[], p_data text[], p_metadata text[], p_command_id text[], p_occurred timestamptz[],
  p_key text[], p_hash text[], p_from bigint[], p_keep_ms bigint[],
  a_aggregate text[], a_id text[], a_version bigint[],
  o_aggregate text[], o_id text[], o_key text[], o_hash text[], o_command_id text[],
  o_from bigint[], o_to bigint[], o_rejection text[], o_keep_ms bigint[]
) RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
  v_epoch bigint;
  v_positions bigint[] := '{}';
  v_count bigint;
BEGIN
  PERFORM set_config('lock_timeout', p_lock_timeout_ms::text, true);
  PERFORM pg_advisory_xact_lock_shared(${lockClass}, ${APPEND_LOCK});
  -- Raising the epoch takes this lock exclusively: it waits for this transaction, or this one for it.
  PERFORM pg_advisory_xact_lock_shared(${lockClass}, p_writer::int);
  SELECT epoch INTO v_epoch FROM ${schema}.writers WHERE id = p_writer;
  IF v_epoch IS DISTINCT FROM p_epoch THEN
    RAISE EXCEPTION 'troupe: writer % has epoch %, not %', p_writer, v_epoch, p_epoch USING ERRCODE = 'TR001';
  END IF;
  -- The start time alone tells servers apart, to the microsecond, and is cheap.
  IF p_incarnation NOT LIKE '%/' || (extract(epoch FROM pg_postmaster_start_time()) * 1000000)::bigint THEN
    RAISE EXCEPTION 'troupe: the server is not %', p_incarnation USING ERRCODE = 'TR002';
  END IF;

  IF cardinality(p_version) > 0 THEN
    WITH stored AS (
      INSERT INTO ${schema}.events
        (slice, aggregate, id, version, type, schema_version, data, metadata, command_id, occurred_at)
      SELECT r.slice, r.aggregate, r.id, r.version, r.type, r.schema_version, r.data::json, r.metadata::json, r.command_id, r.occurred
      FROM unnest(p_slice, p_aggregate, p_id, p_version, p_type, p_schema_version, p_data, p_metadata, p_command_id, p_occurred)
        AS r(slice, aggregate, id, version, type, schema_version, data, metadata, command_id, occurred)
      RETURNING aggregate, id, version, position
    )
    SELECT array_agg(s.position ORDER BY s.aggregate, s.id, s.version) INTO v_positions FROM stored s;
    IF cardinality(v_positions) IS DISTINCT FROM cardinality(p_version) THEN
      RAISE EXCEPTION 'troupe: % of % events were stored', cardinality(v_positions), cardinality(p_version)
        USING ERRCODE = 'TR004', HINT = 'A rule or trigger on the events table changes inserts; remove it.';
    END IF;
  END IF;

  IF cardinality(a_version) > 0 THEN
    PERFORM 1
    FROM unnest(a_aggregate, a_id, a_version) AS a(aggregate, id, version)
    WHERE a.version <> coalesce((
      SELECT e.version FROM ${schema}.events e
      WHERE e.aggregate = a.aggregate AND e.id = a.id ORDER BY e.version DESC LIMIT 1), 0);
    IF FOUND THEN
      RAISE EXCEPTION 'troupe: a stream has moved on' USING ERRCODE = 'TR003';
    END IF;
  END IF;

  IF cardinality(p_key) + cardinality(o_key) > 0 THEN
    INSERT INTO ${schema}.outcomes (aggregate, id, key, hash, command_id, from_version, to_version, rejection, expires_at)
    SELECT o.aggregate, o.id, o.key, o.hash, o.command_id, o.from_version, o.to_version, nullif(o.rejection, '')::json,
           CASE WHEN o.keep_ms < 0 THEN 'infinity' ELSE now() + o.keep_ms * interval '1 millisecond' END
    FROM (
      SELECT * FROM unnest(p_aggregate, p_id, p_key, p_hash, p_command_id, p_from, p_version, NULL::text[], p_keep_ms)
        AS r(aggregate, id, key, hash, command_id, from_version, to_version, rejection, keep_ms) WHERE r.key <> ''
      UNION ALL
      SELECT * FROM unnest(o_aggregate, o_id, o_key, o_hash, o_command_id, o_from, o_to, o_rejection, o_keep_ms)
    ) o
    -- Two batches with the same keys must lock them in one order, or they deadlock.
    ORDER BY o.aggregate COLLATE "C", o.id COLLATE "C", o.key COLLATE "C";
    GET DIAGNOSTICS v_count = ROW_COUNT;
    v_count := cardinality(array_remove(p_key, '')) + cardinality(o_key) - v_count;
    IF v_count <> 0 THEN
      RAISE EXCEPTION 'troupe: % outcomes were not stored', v_count
        USING ERRCODE = 'TR004', HINT = 'A rule or trigger on the outcomes table changes inserts; remove it.';
    END IF;
  END IF;
  RETURN v_positions;
END $$;
`,
};
