import { query } from './server.js';

/** A set of streams that nobody has in memory: `snapshotAt` events, a snapshot, and a tail. */
export interface ColdActors {
  readonly prefix: string;
  readonly count: number;
  readonly snapshotAt: number;
  readonly tail: number;
}

/** Puts streams and their snapshots into a log, as runs of the past would have left them. */
export async function layDown(url: string, schema: string, actors: ColdActors): Promise<void> {
  const { prefix, count, snapshotAt, tail } = actors;
  await query(
    url,
    `INSERT INTO ${schema}.events (slice, aggregate, id, version, type, data, metadata, command_id, occurred_at)
     SELECT a.slice, 'dormant', a.id, v, 'deposited',
       json_build_object('amount', v % 500 + 1, 'reference', 'payment ' || v),
       json_build_object('correlationId', a.id || '-' || v, 'principal', 'user-' || v), a.id || '-' || v, now()
     FROM generate_series(1, $1::int) v
     CROSS JOIN (SELECT $2 || i AS id, ${schema}.slice_of('dormant', $2 || i) AS slice
                 FROM generate_series(0, $3::int - 1) i OFFSET 0) a`,
    [snapshotAt + tail, prefix, count],
  );
  await query(
    url,
    `INSERT INTO ${schema}.snapshots (aggregate, id, state_version, version, position, command_id, state)
     SELECT aggregate, id, 1, version, position, command_id,
       json_build_object('balance', version * (version + 3) / 2, 'deposits', version)
     FROM ${schema}.events WHERE aggregate = 'dormant' AND starts_with(id, $1) AND version = $2`,
    [prefix, snapshotAt],
  );
}
