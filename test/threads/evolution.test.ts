import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { eventRow } from '../contract/batches.js';
import { parcel, weigh } from '../support/parcel.js';
import { insertEvent } from '../support/use-shards.js';
import { useDatabase } from './support/use-database.js';

const database = useDatabase();
const domain = new URL('../support/parcel.ts', import.meta.url);
const noon = Date.UTC(2024, 1, 29, 12);

describe('events with a domain shape that JSON cannot carry', () => {
  it('reach the host through a thread as evolve got them', async () => {
    const runtime = await database.start({ domain });
    const parcels = runtime.aggregate(parcel);
    const old = { type: 'weighedAndMoved', data: '{"pounds":2,"to":"Delft"}', occurredAt: noon };
    const row = eventRow({ aggregate: 'parcel', id: 'a' }, 1, old);
    await insertEvent(database.admin, database.schema, row);
    const receipt = await parcels.send('a', weigh(3), { occurredAt: noon });
    const at = new Date(noon);
    expect(receipt.events).toMatchObject([{ version: 2, data: { grams: 3n, at } }]);
    const expected = [
      { version: 1, part: 0, type: 'weighed', data: { grams: 900n, at } },
      { version: 1, part: 1, type: 'moved', data: { to: 'Delft' } },
      { version: 2, type: 'weighed', data: { grams: 3n, at } },
    ];
    expect(await all(parcels.events('a'))).toMatchObject(expected);
    expect(await all(runtime.events())).toMatchObject(expected);
  });

  it('are read by a reader of the whole log up to one that cannot be read, and after it', async () => {
    const runtime = await database.start({ domain });
    const rows = [
      eventRow({ aggregate: 'strange', id: 'a' }, 1, { type: 'done', data: '{"n":1}' }),
      eventRow({ aggregate: 'parcel', id: 'a' }, 1, { type: 'burnt' }),
      eventRow({ aggregate: 'parcel', id: 'b' }, 1, { type: 'scaled', data: '{"pounds":1}' }),
    ];
    for (const row of rows) await insertEvent(database.admin, database.schema, row);
    const seen: object[] = [];
    const failure = (async () => {
      for await (const event of runtime.events()) seen.push(event);
    })();
    await expect(failure).rejects.toMatchObject({
      code: 'StreamUnreadable',
      details: { aggregate: 'parcel', id: 'a', version: 1, type: 'burnt', position: 2 },
    });
    expect(seen).toMatchObject([{ aggregate: 'strange', type: 'done', data: { n: 1 } }]);
    expect(await all(runtime.events({ after: 2 }))).toMatchObject([
      { id: 'b', type: 'weighed', data: { grams: 450n } },
    ]);
  });
});

describe('the troupe command as it is published', () => {
  it('checks a log against a domain module in TypeScript', async () => {
    const runtime = await database.start({ domain });
    await runtime.aggregate(parcel).send('a', weigh(3));
    await runtime.stop();
    const main = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));
    const args = ['check', '--domain', fileURLToPath(domain), '--schema', database.schema];
    const env = { ...process.env, DATABASE_URL: database.url };
    const ran = await new Promise((resolve) => {
      const child = execFile(process.execPath, [main, ...args], { env }, (_, stdout, stderr) =>
        resolve({ status: child.exitCode, stdout, stderr }),
      );
    });
    expect(ran).toEqual({
      ...{ status: 0, stderr: '' },
      stdout: '1 events in the log, 1 read by upcasters or decoders: all can be read.\n',
    });
  });
});

async function all<T>(events: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const event of events) list.push(event);
  return list;
}
