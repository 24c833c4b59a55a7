import type { Migration } from './migration.js';

/**
 * Exclusive ownership of the log: a lease for availability, the writers for safety. Whoever takes the
 * lease removes all writers, after their running appends and before their late ones; and only who holds
 * it can have new ones. So an append needs to know nothing of leases.
 */
export const ownership: Migration = {
  number: 10,
  name: 'ownership',
  sql: (schema, lockClass) => `
-- One row. lease is null while the log is shared; it is drawn anew by each take-over, so that no two are
-- ever the same, not even after a failover that lost one.
CREATE TABLE ${schema}.ownership (
  scope      text PRIMARY KEY,
  lease      uuid,
  runtime_id text,
  host       text,
  pid        int,
  since      timestamptz,
  expires_at timestamptz
);
INSERT INTO ${schema}.ownership (scope) VALUES ('log');

-- The lease under which a writer was made; null: in shared ownership.
ALTER TABLE ${schema}.writers ADD COLUMN lease uuid;

CREATE FUNCTION ${schema}.owner_v1(p_row ${schema}.ownership) RETURNS json LANGUAGE sql STABLE AS $$
  SELECT json_build_object('runtimeId', p_row.runtime_id, 'host', p_row.host, 'pid', p_row.pid,
    'since', to_char(p_row.since AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
$$;

-- Refuses a writer that is not of the lease that the log is under (TR006), by whatever release it is made.
-- Its row lock makes take-overs wait for it, and it for them; renewals wait for nobody.
-- SECURITY DEFINER: who may insert writers need not have the right to change owners.
CREATE FUNCTION ${schema}.check_lease() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  v_row ${schema}.ownership;
BEGIN
  SELECT * INTO v_row FROM ${schema}.ownership WHERE scope = 'log' FOR KEY SHARE;
  IF NEW.lease IS DISTINCT FROM v_row.lease THEN
    RAISE EXCEPTION 'troupe: another process owns the log' USING ERRCODE = 'TR006',
      DETAIL = CASE WHEN v_row.lease IS NULL THEN 'null' ELSE ${schema}.owner_v1(v_row)::text END;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER check_lease BEFORE INSERT ON ${schema}.writers
  FOR EACH ROW EXECUTE FUNCTION ${schema}.check_lease();
ALTER TABLE ${schema}.writers ENABLE ALWAYS TRIGGER check_lease;

-- Removes all writers: waits for their running appends, and later ones find no epoch. The caller holds
-- the row of ownership FOR UPDATE, so that no new ones come.
CREATE FUNCTION ${schema}.remove_writers_v1() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(${lockClass}, w.id::int)
  FROM (SELECT id FROM ${schema}.writers ORDER BY id OFFSET 0) AS w;
  DELETE FROM ${schema}.writers;
END $$;

-- Takes the lease if it is free, has expired by the clock of this server, or is this runtime's own.
--   p_runtime, p_host, p_pid   who asks
--   p_lease_ms                 for how long
--   p_lock_timeout_ms          longest wait for a lock (55P03)
-- Returns the new lease or null, and who owns the log then.
CREATE FUNCTION ${schema}.claim_ownership_v1(p_runtime text, p_host text, p_pid int, p_lease_ms int, p_lock_timeout_ms int)
RETURNS TABLE (granted uuid, owner json) LANGUAGE plpgsql AS $$
DECLARE
  v_row ${schema}.ownership;
BEGIN
  PERFORM set_config('lock_timeout', p_lock_timeout_ms::text, true);
  -- Looked at before it is locked: who stands by shall not disturb.
  SELECT * INTO v_row FROM ${schema}.ownership o WHERE o.scope = 'log';
  IF v_row.lease IS NULL OR v_row.runtime_id = p_runtime OR v_row.expires_at <= clock_timestamp() THEN
    SELECT * INTO v_row FROM ${schema}.ownership o WHERE o.scope = 'log' FOR UPDATE;
  END IF;
  IF v_row.lease IS NOT NULL AND v_row.runtime_id <> p_runtime AND v_row.expires_at > clock_timestamp() THEN
    RETURN QUERY SELECT NULL::uuid, ${schema}.owner_v1(v_row);
    RETURN;
  END IF;
  PERFORM ${schema}.remove_writers_v1();
  UPDATE ${schema}.ownership o
  SET lease = gen_random_uuid(), runtime_id = p_runtime, host = p_host, pid = p_pid, since = clock_timestamp(),
      expires_at = clock_timestamp() + p_lease_ms * interval '1 millisecond'
  WHERE o.scope = 'log' RETURNING * INTO v_row;
  RETURN QUERY SELECT v_row.lease, ${schema}.owner_v1(v_row);
END $$;

-- Makes the log shared again if its lease has expired; true if it is shared now.
--   p_lock_timeout_ms   longest wait for a lock (55P03)
CREATE FUNCTION ${schema}.end_expired_ownership_v1(p_lock_timeout_ms int) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  v_row ${schema}.ownership;
BEGIN
  PERFORM set_config('lock_timeout', p_lock_timeout_ms::text, true);
  SELECT * INTO v_row FROM ${schema}.ownership o WHERE o.scope = 'log';
  IF v_row.lease IS NOT NULL AND v_row.expires_at <= clock_timestamp() THEN
    SELECT * INTO v_row FROM ${schema}.ownership o WHERE o.scope = 'log' FOR UPDATE;
  END IF;
  IF v_row.lease IS NOT NULL AND v_row.expires_at > clock_timestamp() THEN RETURN false; END IF;
  IF v_row.lease IS NOT NULL THEN
    PERFORM ${schema}.remove_writers_v1();
    UPDATE ${schema}.ownership o SET lease = NULL WHERE o.scope = 'log';
  END IF;
  RETURN true;
END $$;
`,
};
