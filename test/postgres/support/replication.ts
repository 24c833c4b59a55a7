import pg from 'pg';
import { expect } from 'vitest';
import { eventually } from '../../support/eventually.js';

/** From now on each commit waits for a standby that does not exist. */
export async function holdCommits(admin: pg.Client, url: string): Promise<void> {
  await replicateTo(admin, 'nobody');
  // The checkpointer tells all others, in its own time: a commit that waits is the only proof.
  const probe = new pg.Client({ connectionString: url, application_name: 'probe' });
  probe.on('error', () => undefined);
  await probe.connect();
  const probing = (async () => {
    for (;;) await probe.query("SELECT pg_logical_emit_message(true, 'probe', '')");
  })().catch(() => probe.end());
  await untilCommitHeld(admin, 'probe');
  await endHeldCommit(admin, 'probe');
  await probing;
}

/** Lets go the commits that wait, and all later ones. */
export function releaseCommits(admin: pg.Client): Promise<void> {
  return replicateTo(admin, '');
}

/** Until a commit of this application waits. */
export async function untilCommitHeld(admin: pg.Client, application: string): Promise<void> {
  const sql =
    "SELECT 1 FROM pg_stat_activity WHERE application_name = $1 AND wait_event = 'SyncRep'";
  await eventually(async () =>
    expect((await admin.query(sql, [application])).rows).toHaveLength(1),
  );
}

/** As at a failover or by an operator: the wait ends, and the row is visible though not replicated. */
export async function endHeldCommit(admin: pg.Client, application: string): Promise<void> {
  const sql = 'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1';
  await admin.query(sql, [application]);
}

async function replicateTo(admin: pg.Client, standbys: string): Promise<void> {
  await admin.query(`ALTER SYSTEM SET synchronous_standby_names = '${standbys}'`);
  await admin.query('SELECT pg_reload_conf()');
}
