import { describe, expect, it } from 'vitest';
import { findOutcome } from '../../src/client/find-outcome.js';
import type { UnknownCommand } from '../../src/messages/errors.js';
import type { OutcomeRow } from '../../src/store/outcomes.js';
import type { Store, Writer } from '../../src/store/store.js';
import { batchOf, eventRow, eventRows, outcomeRow } from '../contract/batches.js';
import { useShards } from '../support/use-shards.js';

const shards = useShards();

describe('finding out what became of a command', () => {
  it('finds its events, and the version and position after them', async () => {
    const { store, writer, stream, asked } = await scene();
    const rows = [2, 3].map((version) => eventRow(stream, version, { commandId: asked.commandId }));
    await store.append(writer, batchOf({ rows }));
    await store.append(writer, batchOf({ rows: eventRows(stream, 4, 5) }));
    const found = await findOutcome(store, asked);
    expect(found).toMatchObject({
      kind: 'accepted',
      version: 3,
      events: [{ version: 2 }, { version: 3 }],
    });
    if (found.kind === 'accepted') expect(found.position).toBe(found.events[1]?.position);
  });

  it('fences the writer first, so that what is not there will never be', async () => {
    const { store, writer, stream, asked } = await scene();
    expect(await findOutcome(store, asked)).toEqual({ kind: 'notExecuted' });
    const rows = [eventRow(stream, 2, { commandId: asked.commandId })];
    expect(await store.append(writer, batchOf({ rows }))).toMatchObject({ kind: 'fenced' });
  });

  it('takes a writer that was removed for one that was fenced', async () => {
    const { store, writer, asked } = await scene();
    await store.retireWriter(writer.id);
    expect(await findOutcome(store, asked)).toEqual({ kind: 'notExecuted' });
  });

  it('needs no writer for a command that was never handed to one', async () => {
    const { store, asked } = await scene();
    expect(await findOutcome(store, { ...asked, writerId: 0 })).toEqual({ kind: 'notExecuted' });
  });

  it('finds the rejection of a keyed command', async () => {
    const rejection = JSON.stringify({
      code: 'X',
      shortCode: 'X',
      number: 1,
      status: 400,
      message: 'no',
      details: {},
    });
    const { store, asked } = await keyed({ rejection });
    expect(await findOutcome(store, asked)).toMatchObject({
      kind: 'rejected',
      rejection: { code: 'X' },
    });
  });

  it('finds the no-op of a keyed command', async () => {
    const { store, asked } = await keyed({});
    expect(await findOutcome(store, asked)).toMatchObject({
      kind: 'accepted',
      version: 1,
      events: [],
    });
  });

  it('does not take the outcome of another command with the same key for its own', async () => {
    const { store, asked } = await keyed({ commandId: 'another' });
    expect(await findOutcome(store, asked)).toEqual({ kind: 'notExecuted' });
  });

  it('is not misled by an afterPosition of another server', async () => {
    const { store, writer, stream, asked } = await scene();
    await store.append(
      writer,
      batchOf({ rows: [eventRow(stream, 2, { commandId: asked.commandId })] }),
    );
    const afterFailover = { ...asked, afterPosition: 1_000_000, incarnation: 'the server before' };
    expect(await findOutcome(store, afterFailover)).toMatchObject({ kind: 'accepted', version: 2 });
  });

  interface Scene {
    readonly store: Store;
    readonly writer: Writer;
    readonly stream: { readonly aggregate: string; readonly id: string };
    readonly asked: UnknownCommand;
  }

  /** A stream at version 1, and a command to it of which nothing is known. */
  async function scene(key = ''): Promise<Scene> {
    const store = shards.open();
    const writer = await store.registerWriter();
    const stream = { aggregate: 'account', id: shards.id() };
    await store.append(writer, batchOf({ rows: [eventRow(stream, 1)] }));
    const { afterPosition, incarnation, id: writerId } = writer;
    const asked = {
      ...stream,
      commandId: `asked-${stream.id}`,
      key,
      writerId,
      afterPosition,
      incarnation,
    };
    return { store, writer, stream, asked };
  }

  async function keyed(given: Partial<OutcomeRow>): Promise<Scene> {
    const made = await scene('key');
    const { store, writer, stream, asked } = made;
    const own = { commandId: asked.commandId, fromVersion: 1, toVersion: 1 };
    const outcomes = [outcomeRow(stream, 'key', { ...own, ...given })];
    expect((await store.append(writer, batchOf({ outcomes }))).kind).toBe('stored');
    return made;
  }
});
