import { sendFile } from '../examples/loans/replay/replay.js';
import type { SentLog } from '../examples/loans/replay/send-log.js';
import { type RawRow, rawInsertPerSecond } from './raw-insert.js';
import { benchServer, dropSchema, note, query } from './server.js';
import { rounded } from './statistics.js';

/** As many as a runtime has by default. */
const SHARDS = undefined;
const IN_FLIGHT = 1000;
const SCHEMA = 'bench_replay';

/** A whole log, keyed, beside the bare insert of the very rows it left, on the same server. */
export async function replayBench({ file }: { readonly file: string }): Promise<object> {
  const server = await benchServer();
  try {
    await dropSchema(server.url, SCHEMA);
    const sent = await replayOnce(server.url, file);
    // Read before the rows below are in memory, which no replay ever is.
    const rssPeakMb = process.resourceUsage().maxRSS / 1024;
    const rows = await storedRows(server.url);
    if (rows.length !== sent.commands) {
      throw new Error(`${sent.commands} commands left ${rows.length} events`);
    }
    await dropSchema(server.url, SCHEMA);
    const raw = await rawInsertPerSecond(server.url, rows);
    const perSecond = sent.commands / sent.seconds;
    return {
      rawInsertPerSecond: rounded(raw),
      replayPerSecond: rounded(perSecond),
      replayRatio: rounded(perSecond / raw),
      rssPeakMb: rounded(rssPeakMb),
    };
  } finally {
    await server.stop();
  }
}

function replayOnce(url: string, file: string): Promise<SentLog> {
  return sendFile({
    file,
    store: { kind: 'postgres', url, schema: SCHEMA },
    shards: SHARDS,
    inFlight: IN_FLIGHT,
    signal: new AbortController().signal,
    onNotice: note,
  });
}

/** In the order in which the replay stored them. */
function storedRows(url: string): Promise<RawRow[]> {
  return query<RawRow>(
    url,
    `SELECT slice, aggregate, id, version::float8 AS version, type, data::text AS data,
       metadata::text AS metadata, command_id AS "commandId", occurred_at AS "occurredAt"
     FROM ${SCHEMA}.events ORDER BY position`,
  );
}
