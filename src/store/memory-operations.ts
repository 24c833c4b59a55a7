import { type Clock, systemClock } from '../internal/clock.js';
import { streamKey } from '../messages/ids.js';
import type { MemoryEvents } from './memory-events.js';
import type { MemorySnapshots } from './memory-snapshots.js';
import type {
  AuditEntry,
  AuditPage,
  NewAuditEntry,
  Operations,
  Quarantine,
  Quarantines,
  StreamFacts,
} from './operations.js';
import type { StreamName } from './store.js';

/** What operators do to a log in memory: kept with it, as tables would. */
export class MemoryOperations implements Operations {
  private readonly entries: AuditEntry[] = [];
  private readonly quarantined = new Map<string, Quarantine>();
  private mark = 0;

  constructor(
    private readonly log?: { readonly events: MemoryEvents; readonly snapshots: MemorySnapshots },
    private readonly clock: Clock = systemClock,
  ) {}

  async begin(entry: NewAuditEntry): Promise<number> {
    const { verb, aggregate, id, who, why } = entry;
    const at = this.clock.now();
    const number = this.entries.length + 1;
    const open = { result: undefined, message: undefined, finishedAt: undefined };
    this.entries.push({ number, at, ...entry, ...open });
    const key = streamKey(aggregate, id);
    if (verb === 'quarantine') this.quarantined.set(key, { aggregate, id, who, why, since: at });
    if (verb === 'release') this.quarantined.delete(key);
    if (verb === 'quarantine' || verb === 'release') this.mark += 1;
    return number;
  }

  async finish(number: number, outcome: { result: string; message: string }): Promise<void> {
    const entry = this.entries[number - 1];
    if (entry) this.entries[number - 1] = { ...entry, ...outcome, finishedAt: this.clock.now() };
  }

  async audit({ before, limit, stream }: AuditPage): Promise<readonly AuditEntry[]> {
    const wanted = (entry: AuditEntry): boolean =>
      entry.number < before &&
      (!stream || (entry.aggregate === stream.aggregate && entry.id === stream.id));
    return this.entries.filter(wanted).reverse().slice(0, limit);
  }

  async quarantineMark(): Promise<number> {
    return this.mark;
  }

  async quarantines(): Promise<Quarantines> {
    return { mark: this.mark, streams: [...this.quarantined.values()] };
  }

  async streamFacts(stream: StreamName, limit: number): Promise<StreamFacts> {
    const positions = (this.log?.events.of(stream) ?? []).map((event) => event.position);
    return {
      snapshots: this.log?.snapshots.infos(stream) ?? [],
      lastPositions: positions.slice(-limit).reverse(),
    };
  }
}
