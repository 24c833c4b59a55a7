import { defineView, only } from 'troupe';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { readDomain } from '../../src/aggregate/domain.js';
import type { BatchTransaction } from '../../src/dispatcher/subscription.js';
import { openPostgresViews } from '../../src/postgres/views/postgres-views.js';
import { KnownDocuments } from '../../src/projection/known-documents.js';
import type { ProjectionContext } from '../../src/projection/projection-context.js';
import { rebuildKeys } from '../../src/projection/rebuild.js';
import { readHandled, rebuildSource } from '../../src/projection/served.js';
import type { View } from '../../src/projection/view.js';
import { viewConsumer } from '../../src/projection/view-consumer.js';
import type { Checkpoints } from '../../src/store/checkpoints.js';
import type { ViewAccess } from '../../src/store/view-tables.js';
import { eventRow } from '../contract/batches.js';
import { useSubscriptions } from '../dispatcher/support/use-subscriptions.js';
import { eventually } from '../support/eventually.js';
import { parcel } from '../support/parcel.js';

const on = useSubscriptions();
const domain = readDomain({ parcel }, 'the test');
const ops = { who: 'Ada', why: 'mended' };

let isMended: boolean;
/** Where each parcel was, in order; one that is gone has no document. */
const routes: View = defineView({
  name: 'routes',
  version: 1,
  on: [only(parcel, 'moved')],
  key: (event) => event.id,
  initial: { places: [] as readonly string[] },
  evolve(doc, event) {
    if (event.data.to === 'poison' && !isMended) throw new Error('poison');
    return event.data.to === 'gone' ? null : { places: [...doc.places, event.data.to] };
  },
});

let access: ViewAccess;
/** Keys that were read from the table, in order. */
let loaded: string[];
let versions: Map<string, number>;
beforeEach(async () => {
  isMended = false;
  loaded = [];
  versions = new Map();
  access = openPostgresViews(on.own.options);
  onTestFinished(() => access.close());
  await access.transaction((tx) => access.tables.prepare(tx, routes));
});

/** A process of its own that keeps the view up to date. */
function run(name = 'A') {
  const tables = new Proxy(access.tables, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        if (property === 'load')
          loaded.push(...(args[2] as string[]).map((key) => `${name} ${key}`));
        return value.apply(target, args);
      };
    },
  });
  const context: Partial<ProjectionContext> = {
    ...{ schema: on.own.schema, views: tables },
    handled: readHandled(domain, access.checkpoints as Checkpoints),
  };
  return on.run([viewConsumer(routes, context as ProjectionContext)]).processor;
}

/** The parcel goes to these places, an event each, and all who run the view have seen them. */
async function moved(id: string, ...places: readonly string[]): Promise<void> {
  const before = versions.get(id) ?? 0;
  versions.set(id, before + places.length);
  const rows = places.map((to, i) =>
    eventRow({ aggregate: 'parcel', id }, before + i + 1, {
      ...{ type: 'moved', schemaVersion: 2, data: JSON.stringify({ to }) },
    }),
  );
  const upTo = (await on.append(rows)).at(-1) as number;
  await eventually(async () => {
    const [row] = await on.subscriptions.progress(['routes']);
    expect(row?.position).toBe(upTo);
  });
}

async function placesOf(id: string): Promise<unknown> {
  const text = (await access.tables.load(access.sql, routes, [id])).get(id);
  return text && (JSON.parse(text) as { places: unknown }).places;
}

describe('documents that a view has just written', () => {
  it('are not read again, one that was deleted neither', async () => {
    run();
    await moved('p', 'Oslo');
    await moved('q', 'Rome');
    await moved('p', 'Bonn', 'Graz');
    await moved('p', 'gone');
    await moved('p', 'Lima');
    expect(await placesOf('p')).toEqual(['Lima']);
    expect(await placesOf('q')).toEqual(['Rome']);
    expect(loaded).toEqual(['A p', 'A q']);
  });

  it('are read again after another process has run the view meanwhile', async () => {
    run();
    await moved('p', 'Oslo');
    await on.subscriptions.pause('routes');
    await eventually(async () =>
      expect((await on.subscriptions.find('routes'))?.owner).toBe(undefined),
    );
    const other = run('B');
    await on.subscriptions.resume('routes', undefined);
    await moved('p', 'Bonn');
    await other.stop();
    await moved('p', 'Graz');
    await on.subscriptions.pause('routes');
    await on.subscriptions.resume('routes', undefined);
    await moved('p', 'Lima');
    expect(await placesOf('p')).toEqual(['Oslo', 'Bonn', 'Graz', 'Lima']);
  });

  it('are read again after a batch that was rolled back when all was written', async () => {
    run();
    await moved('p', 'Oslo');
    // Fails as late as anything can: when the transaction is to end.
    const { schema } = on.own;
    await on.db.query(`CREATE SEQUENCE ${schema}.tries`);
    await on.db.query(`CREATE FUNCTION ${schema}.fail_once() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN IF nextval('${schema}.tries') = 1 THEN RAISE EXCEPTION 'too late'; END IF; RETURN NULL; END $$`);
    await on.db.query(`CREATE CONSTRAINT TRIGGER late AFTER UPDATE ON ${schema}.view_routes_v1
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ${schema}.fail_once()`);
    await moved('p', 'Bonn');
    await moved('p', 'Graz');
    expect(await placesOf('p')).toEqual(['Oslo', 'Bonn', 'Graz']);
  });

  it('are read again after a parked stream was folded late', async () => {
    const processor = run();
    await moved('p', 'Oslo');
    await moved('p', 'poison', 'Bonn');
    await moved('q', 'Rome');
    expect(await placesOf('p')).toEqual(['Oslo']);
    isMended = true;
    await on.subscriptions.askRetry('routes', { aggregate: 'parcel', id: 'p' }, ops);
    processor.poke();
    await eventually(async () => expect(await placesOf('p')).toHaveLength(3));
    await moved('p', 'Lima');
    expect(await placesOf('p')).toEqual(['Oslo', 'poison', 'Bonn', 'Lima']);
  });

  it('are read again after they were built anew by somebody else', async () => {
    run();
    await moved('p', 'Oslo', 'Rome');
    await moved('p', 'Bonn');
    const code: View = {
      ...routes,
      evolve: (doc: { places: readonly string[] }) => ({ places: [...doc.places, 'anew'] }),
    };
    const consumer = viewConsumer(code, { views: access.tables } as ProjectionContext);
    const checkpoints = access.checkpoints as Checkpoints;
    const source = rebuildSource(domain, consumer, { sql: access.sql, checkpoints });
    await rebuildKeys(code, ['p'], { access, ...source });
    await moved('p', 'Lima');
    expect(await placesOf('p')).toEqual(['anew', 'anew', 'anew', 'Lima']);
  });
});

describe('what is known', () => {
  const batch = (given: Partial<BatchTransaction> = {}): BatchTransaction => ({
    query: () => Promise.reject(new Error('nothing is asked here')),
    ...{ hold, parkedChanges: 0, checkpoint: { position: 10 } },
    ...given,
  });
  const hold = {};

  it('is bounded: the oldest is forgotten', () => {
    const known = new KnownDocuments();
    const text = 'x'.repeat(500_000);
    for (let i = 0; i < 20; i++)
      known.begin(batch(), [`${i}`]).learn(new Map([[`${i}`, text]]), 10);
    const { unknown, found } = known.begin(batch(), ['0', '18', '19']);
    expect(unknown).toEqual(['0']);
    expect([...found.keys()]).toEqual(['18', '19']);
  });

  it('is not what a batch says that was given up, after the next one has begun', () => {
    const known = new KnownDocuments();
    const first = known.begin(batch(), ['p']);
    known.begin(batch(), ['p']).learn(new Map([['p', 'new']]), 10);
    first.learn(new Map([['p', 'old']]), 10);
    expect(known.begin(batch(), ['p']).found.get('p')).toBe('new');
  });
});
