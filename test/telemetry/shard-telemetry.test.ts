import type { Channel } from 'node:diagnostics_channel';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createMemoryStore } from '../../src/store/memory-store.js';
import { type ShardChannel, shardChannels } from '../../src/telemetry/channels.js';
import { createFigures, readFigures } from '../../src/telemetry/figures.js';
import { LOG_LEVELS, SILENT } from '../../src/telemetry/log.js';
import { measuredStore } from '../../src/telemetry/measured-store.js';
import type { TelemetryRecord } from '../../src/telemetry/records.js';
import { recovered } from '../../src/telemetry/recovery.js';
import { ShardTelemetry } from '../../src/telemetry/shard-telemetry.js';
import { eventRow } from '../contract/batches.js';
import { turns } from '../support/settling.js';

const ALL = { append: 1, recovery: 2, snapshot: 4 };

function telemetryOf({ isRemote = true } = {}) {
  const sent: TelemetryRecord[] = [];
  const memory = createFigures();
  const send = (records: readonly TelemetryRecord[]) => void sent.push(...records);
  return { telemetry: new ShardTelemetry({ shard: 3, memory, isRemote, send }), sent, memory };
}

function listen(name: ShardChannel): unknown[] {
  const heard: unknown[] = [];
  const channel: Channel = shardChannels[name];
  const note = (record: unknown) => void heard.push(record);
  channel.subscribe(note);
  onTestFinished(() => void channel.unsubscribe(note));
  return heard;
}

/** A row that fails the test if anybody asks for what only a record needs. */
async function appendGuarded(telemetry: ShardTelemetry): Promise<void> {
  const store = createMemoryStore();
  const writer = await store.registerWriter();
  let asked = false;
  const row = eventRow({ aggregate: 'account', id: 'a' }, 1);
  const measured = measuredStore(
    Object.assign(Object.create(store) as typeof store, {
      append: () => Promise.resolve({ kind: 'stored', positions: [1], recordedAt: 1 }),
    }),
    telemetry,
  );
  const guarded = {
    ...row,
    get commandId() {
      asked = true;
      return row.commandId;
    },
  };
  const batch = { rows: [guarded], assertions: [], outcomes: [], lockTimeoutMs: 0 };
  await measured.append(writer, batch);
  if (asked) throw new Error('a record was built');
}

const recovery = { kind: 'cold', events: 2, since: 0 } as const;
const described = {
  aggregate: 'account',
  id: 'a',
  result: 'activated',
  snapshotVersion: 0,
  version: 2,
} as const;

describe('the telemetry of a shard', () => {
  it('builds nothing while nobody listens, and counts nevertheless', async () => {
    const { telemetry, sent, memory } = telemetryOf();
    await appendGuarded(telemetry);
    recovered(telemetry, recovery, () => {
      throw new Error('a record was built');
    });
    telemetry.log('error', {}, 'what');
    await turns();
    expect(sent).toEqual([]);
    expect(readFigures(memory)).toMatchObject({
      ...{ activations: 1, appends: { stored: 1 } },
    });
  });

  it.each(['append', 'recovery', 'snapshot'] as const)(
    'sends %s records while the host listens, and no others',
    async (name) => {
      const { telemetry, sent } = telemetryOf();
      telemetry.listen({ channels: ALL[name], level: SILENT });
      const others = (['append', 'recovery', 'snapshot'] as const).filter((n) => n !== name);
      expect(telemetry.hears(name)).toBe(true);
      expect(others.some((other) => telemetry.hears(other))).toBe(false);
      telemetry.publish(name, { shard: 3 } as never);
      for (const other of others) telemetry.publish(other, { shard: 3 } as never);
      await turns();
      expect(sent).toEqual([{ channel: name, record: { shard: 3 } }]);
      telemetry.listen({ channels: 0, level: SILENT });
      expect(telemetry.hears(name)).toBe(false);
    },
  );

  it('is heard once in its own thread, also by a host that shares it', async () => {
    const heard = listen('recovery');
    const { telemetry, sent } = telemetryOf({ isRemote: false });
    telemetry.listen({ channels: ALL.recovery, level: SILENT });
    recovered(telemetry, recovery, () => described);
    await turns();
    expect(heard).toMatchObject([{ shard: 3, ...described, kind: 'cold', events: 2 }]);
    expect(sent).toEqual([]);
  });

  it('logs from the level on that the host wants', async () => {
    const { telemetry, sent } = telemetryOf();
    telemetry.listen({ channels: 0, level: LOG_LEVELS.indexOf('info') });
    telemetry.log('debug', {}, 'not this');
    telemetry.log('info', { id: 'a' }, 'this');
    await turns();
    const log = { level: 'info', message: 'this', fields: { shard: 3, id: 'a' } };
    expect(sent).toEqual([{ log }]);
  });

  it('drops and counts what a host does not take', async () => {
    const { telemetry, sent, memory } = telemetryOf();
    telemetry.listen({ channels: 0, level: 0 });
    for (let i = 0; i < 10_005; i++) telemetry.log('info', {}, 'what');
    await turns();
    expect(sent).toHaveLength(10_000);
    expect(readFigures(memory).dropped).toBe(5);
    telemetry.heard(10_000);
    telemetry.log('info', {}, 'again');
    await turns();
    expect(sent).toHaveLength(10_001);
  });
});
