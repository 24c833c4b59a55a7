import { Actor } from '../actor/actor.js';
import { initialState, replay, restore } from '../actor/fold.js';
import type { Aggregate } from '../aggregate/define-aggregate.js';
import { toJson } from '../internal/json.js';
import { TroupeError } from '../messages/errors.js';
import { streamKey } from '../messages/ids.js';
import { sliceOf } from '../messages/slice.js';
import type { LoadedEvent, Store } from '../store/store.js';
import type { FoldedEvent, FoldedState } from './inspection-jobs.js';

/** What a fold reads. */
export type FoldStore = Pick<Store, 'load' | 'heads' | 'readRanges'>;

/** Characters of a state's JSON text; a larger one is not shown. */
const MAX_STATE = 32 * 1024 * 1024;
const ANY_SIZE = { maxBytes: Number.POSITIVE_INFINITY, maxDepth: 1000 };

/**
 * Folds one stream up to a version, a page in memory at a time, on an actor of its own that nobody else
 * knows. It begins with the snapshot that a shard would take, if that is not newer than what is wanted.
 */
export class StreamFold {
  private readonly copy: Actor;
  private replayed = 0;
  private snapshotVersion = 0;
  /** Of the page that was read last, what has not been folded. */
  private ahead: readonly LoadedEvent[] = [];
  private more = true;

  private constructor(
    private readonly store: FoldStore,
    definition: Aggregate,
    id: string,
  ) {
    const { storedAs } = definition;
    this.copy = new Actor(streamKey(storedAs, id), id, sliceOf(storedAs, id), definition);
    this.copy.state = initialState(definition);
  }

  /** Begins a fold that nobody wants to stop before version `least`. */
  static async begin(
    store: FoldStore,
    { definition, id }: { readonly definition: Aggregate; readonly id: string },
    least: number,
  ): Promise<StreamFold> {
    const fold = new StreamFold(store, definition, id);
    const [loaded] = await store.load([fold.stream]);
    if (loaded && (loaded.snapshot?.version ?? 0) <= least) {
      restore(fold.copy, loaded.snapshot);
      fold.snapshotVersion = fold.copy.version;
      fold.ahead = loaded.events;
      fold.more = loaded.more;
    }
    return fold;
  }

  /** The copy: its state is that of the version folded to. */
  get actor(): Actor {
    return this.copy;
  }

  /** Folds up to a version, or to the end of the stream. Rejects with `NoSuchVersion` if it does not reach that far. */
  async upTo(version: number | undefined): Promise<this> {
    const last = version ?? Number.MAX_SAFE_INTEGER;
    while (this.copy.version < last && (await this.hasNext())) {
      const events = this.ahead.filter((event) => event.version <= last);
      if (events.length === 0) break; // a hole, and it lies beyond
      this.ahead = this.ahead.slice(events.length);
      replay(this.copy, events);
      this.replayed += events.length;
    }
    if (version === undefined || this.copy.version === version) return this;
    const { aggregate, id } = this.copy;
    throw new TroupeError(
      'NoSuchVersion',
      `${aggregate}/${id} has no version ${version}: its last one is ${this.copy.version}`,
      { aggregate, id, version, lastVersion: this.copy.version },
    );
  }

  /** What was reached, as plain data. */
  async folded(): Promise<FoldedState> {
    const { state, version, aggregate, id } = this.copy;
    const text = toJson(state, ANY_SIZE);
    if (text.length > MAX_STATE)
      throw new TroupeError(
        'StateTooLarge',
        `The state of ${aggregate}/${id} at version ${version} has ${text.length} characters: expected at most ${MAX_STATE}`,
        { aggregate, id, version, size: text.length, max: MAX_STATE },
      );
    const event = await this.lastEvent();
    const { snapshotVersion, replayed } = this;
    return { version, state: text, event, snapshotVersion, replayed };
  }

  private get stream() {
    const { aggregate, id, definition } = this.copy;
    return { aggregate, id, stateVersion: definition.stateVersion };
  }

  private async hasNext(): Promise<boolean> {
    if (this.ahead.length > 0) return true;
    if (!this.more) return false;
    const knownVersion = this.copy.version;
    const [page] = await this.store.load([{ ...this.stream, knownVersion, tailOnly: true }]);
    this.ahead = page?.events ?? [];
    this.more = page?.more ?? false;
    return this.ahead.length > 0;
  }

  private async lastEvent(): Promise<FoldedEvent | undefined> {
    const { aggregate, id, version } = this.copy;
    if (version === 0) return undefined;
    const range = { aggregate, id, after: version - 1, upTo: version };
    const [[event] = []] = await this.store.readRanges([range]);
    if (!event) return undefined;
    const { type, position, commandId, occurredAt, recordedAt } = event;
    return { type, position, commandId, occurredAt, recordedAt };
  }
}
