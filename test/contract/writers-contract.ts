import { expect, it } from 'vitest';
import { batchOf, eventRow } from './batches.js';
import { positionsOf, type StoreTest } from './store-contract.js';

export function writersContract(test: StoreTest): void {
  it('registers each writer under an id of its own, with epoch 1', async () => {
    const another = await test.store.registerWriter();
    expect(another.epoch).toBe(1);
    expect(another.id).not.toBe(test.writer.id);
    expect(another.incarnation).toBe(test.writer.incarnation);
  });

  it('tells a writer a position below all that it will append', async () => {
    const [first] = await test.stored([eventRow(test.stream('a'), 1)]);
    expect(test.writer.afterPosition).toBeLessThan(first!);
    const later = await test.store.registerWriter();
    expect(later.afterPosition).toBeGreaterThanOrEqual(first!);
    const fenced = await test.store.fence(test.writer.id);
    expect(fenced.afterPosition).toBeGreaterThanOrEqual(first!);
    const batch = batchOf({ rows: [eventRow(test.stream('a'), 2)] });
    const [second] = positionsOf(await test.store.append(fenced, batch));
    expect(fenced.afterPosition).toBeLessThan(second!);
  });

  it('refuses the old epoch of a fenced writer and takes its new one', async () => {
    const fenced = await test.store.fence(test.writer.id);
    expect(fenced).toMatchObject({ id: test.writer.id, epoch: 2 });
    const rows = [eventRow(test.stream('a'), 1)];
    expect((await test.append({ rows })).kind).toBe('fenced');
    expect(await test.store.readStream(test.stream('a'), { after: 0, limit: 1 })).toEqual([]);
    expect((await test.store.append(fenced, batchOf({ rows }))).kind).toBe('stored');
  });

  it('refuses the old epoch even where there is nothing to store', async () => {
    await test.store.fence(test.writer.id);
    expect((await test.append({})).kind).toBe('fenced');
  });

  it('fences one writer without touching another', async () => {
    await test.store.fence((await test.store.registerWriter()).id);
    await test.stored([eventRow(test.stream('a'), 1)]);
  });

  it('refuses what a retired writer appends', async () => {
    await test.store.retireWriter(test.writer.id);
    await test.store.retireWriter(test.writer.id);
    expect((await test.append({ rows: [eventRow(test.stream('a'), 1)] })).kind).toBe('fenced');
    await expect(test.store.fence(test.writer.id)).rejects.toMatchObject({ code: 'WriterGone' });
  });

  it('makes a removed writer anew above the epoch that it had, for who appended with that one', async () => {
    await test.store.retireWriter(test.writer.id);
    const { id, epoch } = test.writer;
    expect(await test.store.fence(id, epoch + 4)).toMatchObject({ id, epoch: epoch + 5 });
    const fenced = await test.store.fence(id, epoch);
    expect(fenced.epoch).toBe(epoch + 6);
    const rows = [eventRow(test.stream('a'), 1)];
    expect((await test.append({ rows })).kind).toBe('fenced');
    expect((await test.store.append(fenced, batchOf({ rows }))).kind).toBe('stored');
  });

  it('refuses a writer that knows another incarnation of the server', async () => {
    const stranger = { ...test.writer, incarnation: 'elsewhere/00000001/1' };
    const batch = batchOf({ rows: [eventRow(test.stream('a'), 1)] });
    expect((await test.store.append(stranger, batch)).kind).toBe('restarted');
    expect(await test.store.heads([test.stream('a')])).toMatchObject([{ version: 0 }]);
  });

  it('serves nothing once it is closed', async () => {
    const store = test.open();
    const writer = await store.registerWriter();
    await store.close();
    const unavailable = { code: 'StoreUnavailable' };
    await expect(store.registerWriter()).rejects.toMatchObject(unavailable);
    await expect(store.heads([test.stream('a')])).rejects.toMatchObject(unavailable);
    await expect(store.fence(writer.id)).rejects.toMatchObject(unavailable);
    const batch = batchOf({ rows: [eventRow(test.stream('a'), 1)] });
    expect((await store.append(writer, batch)).kind).toBe('unavailable');
    expect(await test.store.heads([test.stream('a')])).toMatchObject([{ version: 0 }]);
  });
}
