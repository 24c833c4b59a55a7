import type pg from 'pg';
import { SetupError } from '../messages/errors.js';
import { SLICES } from '../messages/slice.js';
import { MIGRATIONS } from './migrations/index.js';
import { quoted } from './names.js';

const OLDEST_SERVER = 150_000;
const TRIGGERS = ['lock_append', 'refuse_change', 'refuse_truncate'];

interface Facts {
  readonly cache: string;
  readonly increment: string;
  readonly cycles: boolean;
  readonly always: string[];
  readonly slices: string;
  readonly needs_code: string;
}

/** Refuses a server or database that cannot hold a log, before anything is changed in it. */
export async function checkServer(client: pg.Client, schema: string): Promise<void> {
  const { rows } = await client.query<{ server: number; encoding: string; name: string }>(
    `SELECT current_setting('server_version_num')::int AS server,
       current_setting('server_encoding') AS encoding, current_database() AS name`,
  );
  const { server = 0, encoding = '', name = '' } = rows[0] ?? {};
  if (server < OLDEST_SERVER)
    throw unfit(schema, 'the server', 'PostgreSQL 15 or later', String(server));
  if (encoding !== 'UTF8')
    throw unfit(schema, `the encoding of the database ${name}`, 'UTF8', encoding);
}

/** Refuses a database in which the log's guarantees would not hold, naming what is wrong with it. */
export async function checkDatabase(client: pg.Client, schema: string): Promise<void> {
  const s = quoted(schema);
  const { rows } = await client.query<Facts>(
    `SELECT q.seqcache::text AS cache, q.seqincrement::text AS increment, q.seqcycle AS cycles,
       ARRAY(SELECT tgname::text FROM pg_trigger WHERE tgrelid = $1::text::regclass AND tgenabled = 'A') AS always,
       (SELECT value FROM ${s}.meta WHERE name = 'slices') AS slices,
       (SELECT value FROM ${s}.meta WHERE name = 'needs_code') AS needs_code
     FROM pg_sequence q WHERE q.seqrelid = pg_get_serial_sequence($1::text, 'position')::regclass`,
    [`${s}.events`],
  );
  const facts = rows[0];
  if (!facts) throw unfit(schema, 'the position of events', 'an identity column', 'none');
  checkSequence(schema, facts);
  const off = TRIGGERS.filter((name) => !facts.always.includes(name));
  if (off.length > 0)
    throw unfit(
      schema,
      `the triggers ${off.join(', ')} of events`,
      'ENABLE ALWAYS',
      'disabled, weaker or missing',
    );
  if (facts.slices !== String(SLICES))
    throw unfit(schema, 'the number of slices', String(SLICES), facts.slices);
  const known = Math.max(...MIGRATIONS.map((m) => m.number));
  if (Number(facts.needs_code) > known) {
    throw unfit(
      schema,
      'the schema',
      `migration ${known} or older`,
      `${facts.needs_code}: it needs a newer release of troupe`,
    );
  }
}

function checkSequence(schema: string, { cache, increment, cycles }: Facts): void {
  // A larger cache hands positions to sessions that use them later: a hole without a lock holder would fill.
  if (cache !== '1') throw unfit(schema, 'the cache of the position sequence', '1', cache);
  if (increment !== '1')
    throw unfit(schema, 'the increment of the position sequence', '1', increment);
  if (cycles) throw unfit(schema, 'the position sequence', 'NO CYCLE', 'CYCLE');
}

function unfit(schema: string, what: string, expected: string, given: string): SetupError {
  return new SetupError(
    'UnfitDatabase',
    `Schema ${schema}: ${what}: expected ${expected}, got ${given}`,
    { schema, what, expected, given },
  );
}
