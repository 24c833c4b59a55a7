import { sendFile } from '../examples/loans/replay/replay.js';
import type { SentLog } from '../examples/loans/replay/send-log.js';
import { type RawRow, rawInsertPerSecond } from './raw-insert.js';
import { benchServer, dropSchema, note, query } from './server.js';
import { median, rounded } from './statistics.js';

/** As many as a runtime has by default. */
const SHARDS = undefined;
const IN_FLIGHT = 1000;
const SCHEMA = 'bench_replay';

/** A whole log, keyed, beside the bare insert of the very rows it left, on the same server: medians of rounds. */
export async function replayBench({
  file,
  rounds = 3,
}: {
  readonly file: string;
  readonly rounds?: number;
}): Promise<object> {
  const server = await benchServer();
  try {
    const done: Round[] = [];
    let rssPeakMb = 0;
    for (let round = 1; round <= rounds; round++) {
      await dropSchema(server.url, SCHEMA);
      const sent = await replayOnce(server.url, file);
      // Read before the rows below are in memory, which no replay ever is.
      if (round === 1) rssPeakMb = process.resourceUsage().maxRSS / 1024;
      done.push(await besideRaw(server.url, sent));
      note(`round ${round}: ${JSON.stringify(done.at(-1))}`);
    }
    await dropSchema(server.url, SCHEMA);
    return {
      rawInsertPerSecond: rounded(median(done.map((round) => round.raw))),
      replayPerSecond: rounded(median(done.map((round) => round.replay))),
      replayRatio: rounded(median(done.map((round) => round.replay / round.raw))),
      rssPeakMb: rounded(rssPeakMb),
    };
  } finally {
    await server.stop();
  }
}

/** Commands and rows per second. */
interface Round {
  readonly replay: number;
  readonly raw: number;
}

async function besideRaw(url: string, { commands, seconds }: SentLog): Promise<Round> {
  const rows = await storedRows(url);
  if (rows.length !== commands) throw new Error(`${commands} commands left ${rows.length} events`);
  await dropSchema(url, SCHEMA);
  return { replay: rounded(commands / seconds), raw: rounded(await rawInsertPerSecond(url, rows)) };
}

function replayOnce(url: string, file: string): Promise<SentLog> {
  return sendFile({
    file,
    domain: new URL('./loans-domain.ts', import.meta.url),
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
