import type { AppendBatch, AppendResult } from '../store/append.js';
import type { SnapshotRow } from '../store/snapshots.js';
import type { Store, Writer } from '../store/store.js';
import { CELL } from './figures.js';
import { APPEND_RESULTS } from './metrics.js';
import type { ShardTelemetry } from './shard-telemetry.js';

/** A store whose appends and snapshots are counted and published. All else goes straight to `store`. */
export function measuredStore(store: Store, telemetry: ShardTelemetry): Store {
  // Made from the store, so that whatever a store can do this one can.
  const measured = Object.create(store) as Store;
  return Object.assign(measured, {
    append: (writer: Writer, batch: AppendBatch) => append(store, telemetry, writer, batch),
    saveSnapshots: (rows: readonly SnapshotRow[]) => saveSnapshots(store, telemetry, rows),
    close: () => store.close(),
  });
}

async function append(
  store: Store,
  telemetry: ShardTelemetry,
  writer: Writer,
  batch: AppendBatch,
): Promise<AppendResult> {
  const startedAt = Date.now();
  const start = performance.now();
  const result = await store.append(writer, batch);
  const ms = performance.now() - start;
  const { figures, shard } = telemetry;
  const bytes = bytesOf(batch);
  figures.recordMs(CELL.appendDuration, ms);
  figures.add(CELL.appends + APPEND_RESULTS.indexOf(result.kind));
  if (result.kind === 'stored') {
    figures.record(CELL.appendEvents, batch.rows.length);
    figures.record(CELL.appendBytes, bytes);
  }
  if (telemetry.hears('append')) {
    telemetry.publish('append', {
      shard,
      result: result.kind,
      events: batch.rows.length,
      bytes,
      commandIds: [...new Set(batch.rows.map((row) => row.commandId))],
      positions: result.kind === 'stored' ? endsOf(result.positions) : undefined,
      startedAt,
      durationSeconds: ms / 1000,
    });
  }
  if (result.kind !== 'stored' && telemetry.logs('debug')) {
    const fields = { result: result.kind, events: batch.rows.length, reason: result.cause.message };
    telemetry.log('debug', fields, 'a batch was not stored');
  }
  return result;
}

async function saveSnapshots(
  store: Store,
  telemetry: ShardTelemetry,
  rows: readonly SnapshotRow[],
): Promise<void> {
  const startedAt = Date.now();
  const start = performance.now();
  let result: 'written' | 'failed' = 'failed';
  try {
    await store.saveSnapshots(rows);
    result = 'written';
  } finally {
    const ms = performance.now() - start;
    const { figures, shard } = telemetry;
    figures.recordMs(CELL.snapshotDuration, ms);
    figures.add(CELL.snapshots + (result === 'written' ? 0 : 1), rows.length);
    if (telemetry.hears('snapshot')) {
      const streams = rows.map(({ aggregate, id, version, state }) => ({
        aggregate,
        id,
        version,
        bytes: state.length,
      }));
      const times = { startedAt, durationSeconds: ms / 1000 };
      telemetry.publish('snapshot', { shard, result, streams, ...times });
    }
  }
}

function bytesOf({ rows }: AppendBatch): number {
  let bytes = 0;
  for (const { data, metadata } of rows) bytes += data.length + metadata.length;
  return bytes;
}

function endsOf(positions: readonly number[]): readonly [number, number] | undefined {
  const [first, last] = [positions[0], positions.at(-1)];
  return first === undefined || last === undefined ? undefined : [first, last];
}
