import type { RecoveryRecord } from './channels.js';
import { CELL } from './figures.js';
import type { ShardTelemetry } from './shard-telemetry.js';

/** One recovery as the actors tell it. */
export type Recovery = Omit<RecoveryRecord, 'shard' | 'startedAt' | 'durationSeconds'> & {
  /** When it was asked for, on the clock of `performance.now`. */
  readonly since: number;
};

/** Counts a recovery and publishes it. `describe` is called only if somebody listens. */
export function recovered(
  telemetry: ShardTelemetry,
  seen: Pick<Recovery, 'kind' | 'events' | 'since'>,
  describe: () => Omit<Recovery, 'kind' | 'events' | 'since'>,
): void {
  const { figures, shard } = telemetry;
  const ms = performance.now() - seen.since;
  figures.add(seen.kind === 'cold' ? CELL.activations : CELL.catchUps);
  figures.recordMs(CELL.recoveryDuration, ms);
  figures.record(CELL.recoveryEvents, seen.events);
  if (!telemetry.hears('recovery')) return;
  const { kind, events } = seen;
  const times = { startedAt: Date.now() - ms, durationSeconds: ms / 1000 };
  telemetry.publish('recovery', { shard, kind, events, ...describe(), ...times });
}
