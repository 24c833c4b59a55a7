import { defineView } from 'troupe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FeedEvent } from '../../src/dispatcher/subscription.js';
import {
  type RebuildParts,
  rebuildKeys,
  rebuildView,
  type ServingCheckpoint,
} from '../../src/projection/rebuild.js';
import type { View } from '../../src/projection/view.js';
import { ViewClient } from '../../src/projection/view-client.js';
import { foldBatch } from '../../src/projection/view-consumer.js';
import { history, type Note, purse, transfer } from './support/ledger.js';
import { Serving } from './support/serving.js';
import { postgresTables } from './support/tables-under-test.js';

type Tables = Awaited<ReturnType<typeof postgresTables>>;
let under: Tables;
beforeAll(async () => {
  under = await postgresTables();
});
afterAll(() => under?.stop());

let names = 0;
/** Counts what happens to each purse; `by` tells versions apart. */
function counting(name: string, version: number, by: number): View {
  return defineView({
    ...{ name, version },
    on: [purse, transfer],
    key(event) {
      return event.type === 'booked' ? [event.data.from, event.data.to] : event.id;
    },
    initial: { seen: 0 },
    columns: { seen: 'integer' },
    evolve: (doc, event) => (event.type === 'closed' ? null : { seen: doc.seen + by }),
  });
}

function someEvents(number: number): FeedEvent[] {
  const notes = Array.from({ length: number }, (_, i): Note => {
    const [id, other] = [`p${(i * 7) % 13}`, `p${(i * 5) % 11}`];
    if (i % 17 === 0) return [id, 'closed', {}];
    if (i % 3 === 0) return [`t${i}`, 'booked', { from: id, to: other, cents: i }];
    return [id, 'put', { cents: i }];
  });
  return [...history(...notes)];
}

async function serve(log: FeedEvent[]): Promise<{ old: View; raised: View; serving: Serving }> {
  const name = `rebuilt-${++names}`;
  const [old, raised] = [counting(name, 1, 1), counting(name, 2, 1000)];
  const serving = new Serving(under, old, log);
  await serving.start();
  return { old, raised, serving };
}

function tableOf({ name }: View): string {
  return `${under.schema}.view_${name.replaceAll('-', '_')}_v1`;
}

async function documents(view: View): Promise<unknown> {
  return (await new ViewClient(view, under).find({ limit: 1000 })).items;
}

/** What the view is when it is built of nothing, all at once. */
async function clean(view: View, events: readonly FeedEvent[]): Promise<unknown> {
  const copy = { ...view, name: `clean-${++names}` };
  await under.transaction((tx) => under.tables.prepare(tx, copy));
  await under.transaction((tx) => foldBatch(copy, under.tables, events, tx));
  return documents(copy);
}

describe('rebuilding a view', () => {
  it.each(['a raised version', 'the same version'])(
    'gives for %s under live writes what a clean rebuild gives',
    async (which) => {
      const log = someEvents(150);
      const { old, raised, serving } = await serve(log);
      const target = which === 'the same version' ? old : raised;
      for (let i = 0; i < 20; i++) await serving.advance([old, raised]);
      await under.sql.query(`UPDATE ${tableOf(old)} SET document = '{"seen":-99}'`);

      let rebuilt = false;
      const live = (async () => {
        while (!rebuilt || (await serving.position()) < log.length)
          await serving.advance([old, raised]);
      })();
      await rebuildView(target, serving.parts());
      rebuilt = true;
      await live;
      expect(await documents(target)).toEqual(await clean(target, log));
    },
  );

  it('folds what the old version has taken between the last page and the swap', async () => {
    const log = someEvents(60);
    const { old, raised, serving } = await serve(log);
    for (let i = 0; i < 10; i++) await serving.advance([old]);
    const checkpoint: ServingCheckpoint = {
      position: () => serving.position(),
      async lock(tx) {
        await serving.advance([old], 20);
        return serving.lock(tx);
      },
      adopt: (tx, code) => serving.adopt(tx, code),
    };
    await rebuildView(raised, serving.parts({ checkpoint }));
    expect(await serving.position()).toBe(50);
    expect(await documents(raised)).toEqual(await clean(raised, log.slice(0, 50)));
  });

  it('serves the old version until the new one has come exactly as far', async () => {
    const log = someEvents(60);
    const { old, raised, serving } = await serve(log);
    for (let i = 0; i < 10; i++) await serving.advance([old]);
    const before = await documents(old);
    const seen: unknown[] = [];
    const rebuilding = rebuildView(
      raised,
      serving.parts({
        read: async (range) => {
          seen.push(await documents(raised));
          return serving.read(range);
        },
      }),
    );
    await rebuilding;
    expect(seen.length).toBeGreaterThan(1);
    for (const one of seen) expect(one).toEqual(before);
    expect(await documents(old)).toEqual(await clean(raised, log.slice(0, 30)));
    expect(serving.version).toBe(2);
  });

  it('goes on where it was after it ended in the middle, and tells how far it is', async () => {
    const log = someEvents(100);
    const { old, raised, serving } = await serve(log);
    for (let i = 0; i < 40; i++) await serving.advance([old]);
    const stop = new AbortController();
    const told: number[] = [];
    const first = serving.parts({
      signal: stop.signal,
      progress({ position, upTo, events }) {
        told.push(position);
        expect(upTo).toBe(log.length);
        expect(events).toBe(position);
        if (position > 40) stop.abort(new Error('the process ends here'));
      },
    });
    await expect(rebuildView(raised, first)).rejects.toThrow('the process ends here');
    expect(told).toEqual([7, 14, 21, 28, 35, 42]);
    serving.pages = 0;
    await rebuildView(raised, serving.parts());
    expect(serving.pages).toBe(Math.ceil((100 - 42) / 7));
    expect(await documents(raised)).toEqual(await clean(raised, log));
  });

  it('folds each page once where two processes build the same version', async () => {
    const log = someEvents(120);
    const { old, raised, serving } = await serve(log);
    for (let i = 0; i < 40; i++) await serving.advance([old]);
    await Promise.all([1, 2].map(() => rebuildView(raised, serving.parts())));
    expect(await documents(raised)).toEqual(await clean(raised, log));
  });

  it('leaves the old version in place for an event that the new one cannot take, and names it', async () => {
    const log = someEvents(30);
    const { old, raised, serving } = await serve(log);
    for (let i = 0; i < 10; i++) await serving.advance([old]);
    const broken: View = {
      ...raised,
      evolve: (_doc: never, event: { position: number }) => {
        if (event.position === 11) throw new Error('eleven');
        return { seen: 1 };
      },
    } as View;
    await expect(rebuildView(broken, serving.parts())).rejects.toMatchObject({
      code: 'ProjectionFailed',
      details: { position: 11 },
    });
    expect(await documents(raised)).toEqual(await clean(old, log));
    await rebuildView(raised, serving.parts());
    expect(serving.version).toBe(2);
  });

  it('drops the old table after the grace period, and no earlier', async () => {
    const { old, raised, serving } = await serve(someEvents(10));
    await rebuildView(raised, serving.parts());
    const drop = (graceMs: number) =>
      under.transaction((tx) => under.tables.dropRetired(tx, old, graceMs));
    expect(await drop(60_000)).toEqual([]);
    expect(await drop(0)).toEqual([1]);
    const [found] = await under.sql.query('SELECT to_regclass($1) AS old', [tableOf(old)]);
    expect(found).toEqual({ old: null });
    // Code of the old version, which has asked that table so far, is answered by the new one.
    expect(await documents(old)).toEqual(await documents(raised));
  });

  it('begins anew if parked events were resolved meanwhile, which it may lack', async () => {
    const log = someEvents(40);
    const { old, raised, serving } = await serve(log);
    for (let i = 0; i < 20; i++) await serving.advance([old]);
    let asked = 0;
    const checkpoint: ServingCheckpoint = {
      position: () => serving.position(),
      lock: (tx) => serving.lock(tx),
      isOvertaken: async () => asked++ === 0,
      adopt: (tx, code) => serving.adopt(tx, code),
    };
    await rebuildView(raised, serving.parts({ checkpoint }));
    expect(asked).toBe(2);
    expect(serving.pages).toBe(2 * Math.ceil(40 / 7));
    expect(await documents(raised)).toEqual(await clean(raised, log));
  });

  it('refuses to build a version that was replaced', async () => {
    const { old, raised, serving } = await serve(someEvents(10));
    await rebuildView(raised, serving.parts());
    await expect(rebuildView(old, serving.parts())).rejects.toMatchObject({ code: 'ViewOutdated' });
  });

  it('refuses to swap in what has come further than what serves, as after a restore', async () => {
    const { raised, serving } = await serve(someEvents(10));
    await under.transaction((tx) => under.tables.prepare(tx, raised));
    await under.transaction((tx) => under.tables.saveProgress(tx, raised, { from: 0, to: 9 }));
    await expect(rebuildView(raised, serving.parts())).rejects.toMatchObject({
      code: 'RebuildTooFar',
    });
  });
});

describe('rebuilding some documents', () => {
  it('folds them anew up to the checkpoint, and leaves the others', async () => {
    const log = someEvents(40);
    const { old, serving } = await serve(log);
    for (let i = 0; i < 10; i++) await serving.advance([old]);
    const whole = await documents(old);
    await under.sql.query(`UPDATE ${tableOf(old)} SET document = '{"seen":-1}'`);
    await rebuildKeys(old, ['p1', 'p2', 'nobody'], serving.parts());
    const items = (await documents(old)) as { key: string; document: { seen: number } }[];
    const expected = whole as typeof items;
    for (const { key, document } of items) {
      const before = expected.find((item) => item.key === key)?.document;
      expect(document).toEqual(['p1', 'p2'].includes(key) ? before : { seen: -1 });
    }
  });

  it('takes as long as the log needs: its transaction does not idle while that is read', async () => {
    const { old, serving } = await serve(someEvents(20)); // three pages
    for (let i = 0; i < 10; i++) await serving.advance([old]);
    const slowly: RebuildParts['read'] = async (range, tx = under.sql) => {
      await tx.query('SELECT pg_sleep(1.2)');
      return serving.read(range);
    };
    await rebuildKeys(old, ['p1'], serving.parts({ read: slowly }));
    expect(await documents(old)).not.toEqual([]);
  });
});
