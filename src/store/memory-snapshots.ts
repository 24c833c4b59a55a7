import type { MemoryEvents } from './memory-events.js';
import type { SnapshotInfo } from './operations.js';
import type { SnapshotRow, StoredSnapshot } from './snapshots.js';
import type { StreamName } from './store.js';

/** The snapshots of a log in memory: one per stream and state version. */
export class MemorySnapshots {
  private readonly byKey = new Map<string, StoredSnapshot>();

  constructor(private readonly events: MemoryEvents) {}

  /** Stores a snapshot if the log holds its (version, command id) and no higher one is stored. */
  save(row: SnapshotRow): void {
    const { aggregate, id, stateVersion, version, commandId, state } = row;
    const event = this.events.at(row, version);
    if (event?.commandId !== commandId) return;
    const key = keyOf({ aggregate, id }, stateVersion);
    if ((this.byKey.get(key)?.version ?? 0) >= version) return;
    this.byKey.set(key, { version, position: event.position, commandId, state });
  }

  find(stream: StreamName, stateVersion: number): StoredSnapshot | undefined {
    return this.byKey.get(keyOf(stream, stateVersion));
  }

  /** Those of a stream, of all state versions. */
  infos({ aggregate, id }: StreamName): SnapshotInfo[] {
    const start = `${aggregate}\0${id}\0`;
    return [...this.byKey].flatMap(([key, { version, state }]) =>
      key.startsWith(start)
        ? [
            {
              stateVersion: Number(key.slice(start.length)),
              version,
              takenAt: undefined,
              bytes: state.length,
            },
          ]
        : [],
    );
  }
}

function keyOf({ aggregate, id }: StreamName, stateVersion: number): string {
  return `${aggregate}\0${id}\0${stateVersion}`;
}
