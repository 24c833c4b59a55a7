import { batchOf, eventRow } from './batches.js';
import { differs, isAtLeast, isBelow, matches, present, rejects, same } from './expectations.js';
import { positionsOf, type StoreCase, storeCase } from './store-case.js';

export const writersCases: readonly StoreCase[] = [
  storeCase('registers each writer under an id of its own, with epoch 1', async (test) => {
    const another = await test.store.registerWriter();
    same(another.epoch, 1);
    differs(another.id, test.writer.id);
    same(another.incarnation, test.writer.incarnation);
  }),

  storeCase('tells a writer a position below all that it will append', async (test) => {
    const [first] = await test.stored([eventRow(test.stream('a'), 1)]);
    isBelow(test.writer.afterPosition, present(first));
    const later = await test.store.registerWriter();
    isAtLeast(later.afterPosition, present(first));
    const fenced = await test.store.fence(test.writer.id);
    isAtLeast(fenced.afterPosition, present(first));
    const batch = batchOf({ rows: [eventRow(test.stream('a'), 2)] });
    const [second] = positionsOf(await test.store.append(fenced, batch));
    isBelow(fenced.afterPosition, present(second));
  }),

  storeCase('refuses the old epoch of a fenced writer and takes its new one', async (test) => {
    const fenced = await test.store.fence(test.writer.id);
    matches(fenced, { id: test.writer.id, epoch: 2 });
    const rows = [eventRow(test.stream('a'), 1)];
    same((await test.append({ rows })).kind, 'fenced');
    same(await test.store.readStream(test.stream('a'), { after: 0, limit: 1 }), []);
    same((await test.store.append(fenced, batchOf({ rows }))).kind, 'stored');
  }),

  storeCase('refuses the old epoch even where there is nothing to store', async (test) => {
    await test.store.fence(test.writer.id);
    same((await test.append({})).kind, 'fenced');
  }),

  storeCase('fences one writer without touching another', async (test) => {
    await test.store.fence((await test.store.registerWriter()).id);
    await test.stored([eventRow(test.stream('a'), 1)]);
  }),

  storeCase('refuses what a retired writer appends', async (test) => {
    await test.store.retireWriter(test.writer.id);
    await test.store.retireWriter(test.writer.id);
    same((await test.append({ rows: [eventRow(test.stream('a'), 1)] })).kind, 'fenced');
    await rejects(test.store.fence(test.writer.id), { code: 'WriterGone' });
  }),

  storeCase(
    'makes a removed writer anew above the epoch that it had, for who appended with that one',
    async (test) => {
      await test.store.retireWriter(test.writer.id);
      const { id, epoch } = test.writer;
      matches(await test.store.fence(id, epoch + 4), { id, epoch: epoch + 5 });
      const fenced = await test.store.fence(id, epoch);
      same(fenced.epoch, epoch + 6);
      const rows = [eventRow(test.stream('a'), 1)];
      same((await test.append({ rows })).kind, 'fenced');
      same((await test.store.append(fenced, batchOf({ rows }))).kind, 'stored');
    },
  ),

  storeCase('refuses a writer that knows another incarnation of the server', async (test) => {
    const stranger = { ...test.writer, incarnation: 'elsewhere/00000001/1' };
    const batch = batchOf({ rows: [eventRow(test.stream('a'), 1)] });
    same((await test.store.append(stranger, batch)).kind, 'restarted');
    matches(await test.store.heads([test.stream('a')]), [{ version: 0 }]);
  }),

  storeCase('serves nothing once it is closed', async (test) => {
    const store = await test.open();
    const writer = await store.registerWriter();
    await store.close();
    const unavailable = { code: 'StoreUnavailable' };
    await rejects(store.registerWriter(), unavailable);
    await rejects(store.heads([test.stream('a')]), unavailable);
    await rejects(store.fence(writer.id), unavailable);
    const batch = batchOf({ rows: [eventRow(test.stream('a'), 1)] });
    same((await store.append(writer, batch)).kind, 'unavailable');
    matches(await test.store.heads([test.stream('a')]), [{ version: 0 }]);
  }),
];
