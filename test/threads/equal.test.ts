import type { Runtime, RuntimeOptions, TroupeError } from 'troupe';
import { describe, expect, it } from 'vitest';
import { useDatabase } from './support/use-database.js';
import { add, addTwo, look, take, tallyOf } from './support/workload.js';

const db = useDatabase();

/*
 * The same calls on each kind of runtime, each told as plain data. What differs from run to run (ids,
 * times, and positions, since Postgres burns some) is left out; all else must be equal.
 */
async function transcript(runtime: Runtime): Promise<unknown[]> {
  const client = tallyOf(runtime);
  const told: unknown[] = [];
  const tell = async (what: Promise<unknown>) => told.push(await what.then(plain, failure));

  await tell(client.state('a'));
  await tell(client.trySend('a', take('early')));
  await tell(client.send('a', add('one'), { commandId: 'first', state: true, occurredAt: 1000 }));
  await tell(client.send('a', addTwo('two'), { expectedVersion: 1 }));
  await tell(client.send('a', add('late'), { expectedVersion: 1 }));
  await tell(client.send('a', look));
  await tell(client.send('a', { type: 'fail', data: {} }));
  await tell(client.send('a', take('three'), { idempotencyKey: 'key' }));
  await tell(client.send('a', take('three'), { idempotencyKey: 'key' }));
  await tell(client.send('a', take('other'), { idempotencyKey: 'key' }));
  await tell(client.send('b', take('none'), { idempotencyKey: 'key' }));
  await tell(client.send('b', take('none'), { idempotencyKey: 'key' }));
  await tell(client.send('a', { type: 'nothing', data: {} } as never));
  await tell(client.send('', add('x')));
  await tell(client.send('a', add('x'), { signal: AbortSignal.abort() }));
  await tell(client.send('a', add('x'), { timeoutMs: 0 }));
  await tell(client.create(add('x'), { idempotencyKey: 'new' }).then(({ id }) => id));
  await tell(client.state('a'));
  for (let i = 0; i < 600; i++) void client.send('long', add(`${i}`));
  await tell(client.send('long', add('last')));
  await tell(list(client.events('a', { after: 1 })).then((events) => events.map(plain)));
  await tell(list(client.events('long')).then((events) => events.length));
  await tell(list(client.events('none')));
  await tell(list(runtime.events({ after: 0 })).then((events) => events.length));
  return told;
}

async function list<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** A result, or an event, without what no two runs share. */
function plain(value: unknown): unknown {
  const own = ['commandId', 'firstCommandId', 'recordedAt', 'occurredAt', 'metadata', 'position'];
  const isOwn = (key: string, inner: unknown) => own.includes(key) && inner !== 'first';
  if (value === undefined) return 'undefined';
  return JSON.parse(JSON.stringify(value, (key, inner) => (isOwn(key, inner) ? null : inner)));
}

function failure(error: TroupeError & { outcome?: string }): unknown {
  const { name, code, message, details, outcome, cause } = error;
  const why = (cause as { message?: string } | undefined)?.message;
  return plain({ isError: error instanceof Error, name, code, message, details, outcome, why });
}

describe('a runtime', () => {
  const kinds: [string, () => Partial<RuntimeOptions>][] = [
    ['in the host thread', () => ({ shards: 0, store: another() })],
    ['in the host thread, on a log in memory', () => ({ shards: 0, store: { kind: 'memory' } })],
    ['in threads, with batches of one event', () => ({ maxBatchRows: 1, store: another() })],
  ];
  const another = () => ({ ...db.store(), schema: `${db.schema}_another` });

  it.each(kinds)(
    'H49 %s answers as one in threads does, failures with their code and details',
    async (_, options) => {
      const told = await transcript(await db.start({ shards: 2 }));
      expect(codesOf(told)).toEqual([
        ...['EMPTY', 'VersionConflict', 'CommandFailed', 'KeyReused', 'EMPTY'],
        ...['EMPTY', 'UnknownCommand', 'InvalidId', 'Aborted', 'InvalidCommand'],
      ]);
      const conflict = { expected: 1, actual: 3, aggregate: 'tally', id: 'a' };
      expect(told).toContainEqual(expect.objectContaining({ details: conflict }));
      const why = 'a mistake of the domain';
      expect(told).toContainEqual(expect.objectContaining({ why, isError: true }));
      expect(told.at(-1)).toBe(606);
      expect(await transcript(await db.start(options()))).toEqual(told);
    },
  );
});

function codesOf(told: readonly unknown[]): string[] {
  return told.flatMap((one) => (one as { code?: string })?.code ?? []);
}
