import type { EventRow, StoredEvent } from '../messages/event.js';
import { streamKey } from '../messages/ids.js';
import type { StreamName, VersionRange } from './store.js';

/** The events of a log in memory: by position, from 1 and without holes, and by stream. */
export class MemoryEvents {
  readonly all: StoredEvent[] = [];
  private readonly streams = new Map<string, StoredEvent[]>();

  /** Stores an event and returns its position. */
  add(row: EventRow, recordedAt: number): number {
    const event: StoredEvent = { ...row, position: this.all.length + 1, recordedAt };
    this.all.push(event);
    const key = streamKey(row.aggregate, row.id);
    const stream = this.streams.get(key) ?? [];
    // Nothing but the writers' care makes versions contiguous: a lower one may still come.
    const before = stream.findLastIndex((other) => other.version < row.version);
    stream.splice(before + 1, 0, event);
    this.streams.set(key, stream);
    return event.position;
  }

  /** The events of a stream, by version. */
  of({ aggregate, id }: StreamName): readonly StoredEvent[] {
    return this.streams.get(streamKey(aggregate, id)) ?? [];
  }

  /** Up to `limit` events of a stream above a version. */
  page(stream: StreamName, after: number, limit: number): readonly StoredEvent[] {
    const events = this.of(stream);
    const start = events.findLastIndex((event) => event.version <= after) + 1;
    return events.slice(start, start + limit);
  }

  /** The events of a stream within a range of versions. */
  range({ aggregate, id, after, upTo }: VersionRange): readonly StoredEvent[] {
    const page = this.page({ aggregate, id }, after, upTo - after);
    return page.filter((event) => event.version <= upTo);
  }

  head(stream: StreamName): StoredEvent | undefined {
    return this.of(stream).at(-1);
  }

  at(stream: StreamName, version: number): StoredEvent | undefined {
    const event = this.of(stream).findLast((other) => other.version <= version);
    return event?.version === version ? event : undefined;
  }
}
