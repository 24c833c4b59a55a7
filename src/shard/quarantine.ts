import { streamKey } from '../messages/ids.js';
import type { Quarantine } from '../store/operations.js';
import type { StreamName } from '../store/store.js';
import type { Refusal } from './refusals.js';

/** The streams of which a shard takes no commands, until an operator releases them. */
export class QuarantinedStreams {
  private streams = new Map<string, Quarantine>();

  /** How many there are: nothing need be looked up where this is 0. */
  get size(): number {
    return this.streams.size;
  }

  /** Replaces them all; returns those that were not there before. */
  set(streams: readonly Quarantine[]): Quarantine[] {
    const before = this.streams;
    this.streams = new Map(streams.map((it) => [streamKey(it.aggregate, it.id), it]));
    return streams.filter((it) => !before.has(streamKey(it.aggregate, it.id)));
  }

  get({ aggregate, id }: StreamName): Quarantine | undefined {
    return this.size === 0 ? undefined : this.streams.get(streamKey(aggregate, id));
  }

  has(key: string): boolean {
    return this.streams.has(key);
  }
}

/** Why a command for a quarantined stream is certainly not executed. */
export function quarantinedRefusal({ aggregate, id, who, why, since }: Quarantine): Refusal {
  const when = new Date(since).toISOString();
  return {
    code: 'Quarantined',
    message: `Not executed: ${aggregate}/${id} is quarantined until it is released (by ${who}, ${when}: ${why})`,
    details: { who, why, since },
  };
}
