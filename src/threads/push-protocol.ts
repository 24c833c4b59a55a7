import type { Push } from '../dispatcher/push-buffer.js';
import type { StoredEvent } from '../messages/event.js';
import type { StoredBatch } from '../shard/shard-output.js';

/*
 * What travels on the line between a shard and the processor of its runtime, past the host: one message
 * per stored batch. A port has no back-pressure of its own: the shard may be ahead by a credit in bytes and
 * drops what is beyond it; the processor gives back what it has taken.
 */

/** Shard to processor. */
export interface FromPushing {
  readonly batch?: FlatBatch;
  /** From here on batches were dropped; told once, and then again by `read` when they are pushed again. */
  readonly behind?: true;
  /** There may be something in the log that was not pushed. */
  readonly read?: true;
}

/** Processor to shard. */
export interface ToPushing {
  /** Bytes taken. */
  readonly taken: number;
}

/** A stored batch, flat: structured clone copies that several times faster than lists of objects. */
export interface FlatBatch {
  readonly incarnation: string;
  readonly recordedAt: number;
  /** The fields of one event after another. */
  readonly events: readonly unknown[];
  readonly bytes: number;
}

/** How far a shard may be ahead of the processor. Bytes, about. */
export const PUSH_CREDIT = 4 * 1024 * 1024;
/** How much the processor takes before it says so. Bytes. */
export const TAKEN_STEP = PUSH_CREDIT / 8;
/** What an event takes beside its payloads. */
const EVENT_BYTES = 200;

export function flatBatch({ rows, positions, recordedAt, incarnation }: StoredBatch): FlatBatch {
  const events: unknown[] = [];
  let bytes = 0;
  rows.forEach((row, i) => {
    events.push(positions[i], row.slice, row.aggregate, row.id, row.version, row.type);
    events.push(row.schemaVersion, row.data, row.metadata, row.commandId, row.occurredAt);
    bytes += row.data.length + row.metadata.length + EVENT_BYTES;
  });
  return { incarnation, recordedAt, events, bytes };
}

/** The batch as a reader of the log gets it. */
export function readBatch({ incarnation, recordedAt, events: list }: FlatBatch): Push {
  const events: StoredEvent[] = [];
  for (let i = 0; i < list.length; )
    events.push({
      position: list[i++] as number,
      slice: list[i++] as number,
      aggregate: list[i++] as string,
      id: list[i++] as string,
      version: list[i++] as number,
      type: list[i++] as string,
      schemaVersion: list[i++] as number,
      data: list[i++] as string,
      metadata: list[i++] as string,
      commandId: list[i++] as string,
      occurredAt: list[i++] as number,
      recordedAt,
    });
  return { incarnation, events };
}
