import type { Actor } from '../actor/actor.js';
import type { SnapshotBuffer } from '../actor/snapshot-buffer.js';
import { snapshotIsDueAtPassivation } from '../aggregate/snapshot-policy.js';
import { type JsonLimits, toJson } from '../internal/json.js';
import type { ShardOutput } from './shard-output.js';

/** Takes the snapshots that are due when actors leave memory, and tells of states that cannot be one. */
export class DueSnapshots {
  constructor(
    private readonly buffer: SnapshotBuffer,
    private readonly limits: JsonLimits,
    private readonly output: ShardOutput,
  ) {}

  takeIfDue(actor: Actor): void {
    const { definition, version, snapshotVersion } = actor;
    if (!snapshotIsDueAtPassivation(definition.snapshot, version, snapshotVersion)) return;
    try {
      const state = toJson(actor.state, { ...this.limits, maxBytes: Number.POSITIVE_INFINITY });
      this.buffer.take(actor, state);
    } catch (cause) {
      this.failed(actor, cause);
    }
  }

  /** Reported once for each actor in memory: it would fail again at each event that makes one due. */
  failed(actor: Actor, cause: unknown): void {
    this.buffer.failed += 1;
    if (actor.snapshotFailed) return;
    actor.snapshotFailed = true;
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `the state of ${actor.aggregate}/${actor.id} cannot be a snapshot: ${reason}`;
    this.output.notice({ kind: 'warning', message, cause });
  }
}
