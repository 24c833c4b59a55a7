import { SetupError } from '../messages/errors.js';
import type { StoredEvent } from '../messages/event.js';
import type { AppendBatch, AppendResult } from './append.js';
import { MemoryLog } from './memory-log.js';
import type { Operations } from './operations.js';
import type { KeyedCommand, StoredOutcome } from './outcomes.js';
import type { SnapshotRow } from './snapshots.js';
import type {
  FindCommands,
  Head,
  LoadedStream,
  LoadRequest,
  LogEnd,
  LogHead,
  PageRequest,
  Store,
  StreamName,
  VersionRange,
  Writer,
} from './store.js';
import { StoreUnavailable } from './unavailable.js';

/** Events per stream and call of `load`. */
const LOAD_LIMIT = 500;

/** A store with a log of its own. */
export function createMemoryStore(): Store {
  return openMemoryStore(new MemoryLog());
}

/**
 * A store on a log that others may share: open one anew on the same log, and it is as if the process
 * had been restarted. Answers as the store in Postgres does, and as asynchronously; what it does not
 * have are locks to wait for and connections to lose.
 */
export function openMemoryStore(log: MemoryLog): Store {
  return new MemoryStore(log);
}

/** Taken at load, so that fake timers in a test do not hold the store. */
const immediate = setImmediate;
const nextTurn = () => new Promise<void>((resolve) => immediate(resolve));

class MemoryStore implements Store {
  private closed = false;

  constructor(private readonly log: MemoryLog) {}

  registerWriter(): Promise<Writer> {
    return this.call(() => this.log.registerWriter());
  }

  fence(writerId: number, lastEpoch?: number): Promise<Writer> {
    return this.call(() => {
      const writer = this.log.fence(writerId, lastEpoch);
      if (!writer)
        throw new SetupError('WriterGone', `Writer ${writerId} was removed from the log`);
      return writer;
    });
  }

  retireWriter(writerId: number): Promise<void> {
    return this.call(() => this.log.retireWriter(writerId));
  }

  append(writer: Writer, batch: AppendBatch): Promise<AppendResult> {
    return this.call(() => this.log.append(writer, batch)).catch(
      (cause: Error): AppendResult => ({ kind: 'unavailable', cause }),
    );
  }

  load(requests: readonly LoadRequest[]): Promise<readonly LoadedStream[]> {
    return this.call(() => requests.map((request) => this.loadOne(request)));
  }

  heads(streams: readonly StreamName[]): Promise<readonly Head[]> {
    return this.call(() => streams.map((stream) => this.head(stream)));
  }

  findOutcomes(commands: readonly KeyedCommand[]): Promise<readonly StoredOutcome[]> {
    return this.call(() => this.log.outcomes.find(commands));
  }

  sweepOutcomes(limit: number): Promise<number> {
    return this.call(() => this.log.outcomes.sweep(limit));
  }

  findCommands(query: FindCommands): Promise<readonly StoredEvent[]> {
    return this.call(() => {
      const after = query.incarnation === this.log.incarnation ? query.afterPosition : 0;
      return this.log.events.all.slice(after).filter((event) => isOfOne(event, query));
    });
  }

  saveSnapshots(snapshots: readonly SnapshotRow[]): Promise<void> {
    return this.call(() => {
      for (const snapshot of snapshots) this.log.snapshots.save(snapshot);
    });
  }

  readRanges(ranges: readonly VersionRange[]): Promise<readonly (readonly StoredEvent[])[]> {
    return this.call(() => ranges.map((range) => this.log.events.range(range)));
  }

  readStream(stream: StreamName, page: PageRequest): Promise<readonly StoredEvent[]> {
    return this.call(() => this.log.events.page(stream, page.after, page.limit));
  }

  readAll({ after, limit }: PageRequest): Promise<readonly StoredEvent[]> {
    return this.call(() => this.log.events.all.slice(after, after + limit));
  }

  readHeads({ after, limit }: PageRequest): Promise<readonly LogHead[]> {
    return this.call(() => this.log.events.all.slice(after, after + limit).map(toLogHead));
  }

  logEnd(writers: readonly number[]): Promise<LogEnd> {
    return this.call(() => ({
      position: this.log.events.all.length,
      othersWrite: this.log.hasOtherWriters(writers),
    }));
  }

  settledEnd(): Promise<number> {
    return this.call(() => this.log.events.all.length);
  }

  get operations(): Operations {
    return this.log.operations;
  }

  async close(): Promise<void> {
    this.closed = true;
  }

  private loadOne(request: LoadRequest): LoadedStream {
    const { stateVersion, knownVersion, tailOnly } = request;
    const snapshot = tailOnly ? undefined : this.log.snapshots.find(request, stateVersion);
    const covered = snapshot?.version ?? 0;
    const known = knownVersion ?? covered;
    const after = tailOnly ? known : Math.min(covered, known);
    const events = this.log.events.page(request, after, LOAD_LIMIT + 1);
    return { snapshot, events: events.slice(0, LOAD_LIMIT), more: events.length > LOAD_LIMIT };
  }

  private head({ aggregate, id }: StreamName): Head {
    const { version, position, commandId } = this.log.events.head({ aggregate, id }) ?? NO_EVENT;
    return { aggregate, id, version, position, commandId };
  }

  /** Runs `work` a turn of the event loop after the call and answers one after that. */
  private async call<T>(work: () => T): Promise<T> {
    await nextTurn();
    if (this.closed) throw new StoreUnavailable('The store was closed');
    const result = work();
    await nextTurn();
    return result;
  }
}

const NO_EVENT = { version: 0, position: 0, commandId: '' };

function toLogHead(event: StoredEvent): LogHead {
  const { position, slice, aggregate, id, version, commandId } = event;
  return { position, slice, aggregate, id, version, commandId };
}

function isOfOne(event: StoredEvent, { commands }: FindCommands): boolean {
  return commands.some(
    (command) =>
      command.commandId === event.commandId &&
      command.aggregate === event.aggregate &&
      command.id === event.id,
  );
}
