import { setTimeout as pause } from 'node:timers/promises';
import { type Backoff, backoffMs } from '../internal/backoff.js';
import { SetupError } from '../messages/errors.js';
import {
  type InlineReader,
  type InlineRegistry,
  inlineKey,
  type StoredInline,
} from '../store/inline.js';
import type { Store } from '../store/store.js';

/** What the inline projections of a runtime are made of. */
export interface InlineParts {
  /** Those of the domain. */
  readonly readers: readonly InlineReader[];
  readonly log: Pick<Store, 'settledEnd'>;
  /** Opens the registry of the log; absent where the log is not in a database. */
  readonly open: (() => InlineRegistry) | undefined;
  notice(notice: {
    kind: 'degraded' | 'recovered' | 'warning';
    message: string;
    cause: undefined;
  }): void;
}

const RETRY: Backoff = { firstMs: 20, maxMs: 500 };
const TELL_EVERY_MS = 2000;

/** The inline projections of a runtime: filled and activated before its shards append. */
export class InlineProjections {
  /** Throws `InlineNeedsDatabase` for a domain with inline projections whose log is in memory. */
  constructor(private readonly parts: InlineParts) {
    const { readers, open } = parts;
    if (!open && readers.length > 0) throw needsDatabase(readers.map(({ name }) => name));
  }

  /**
   * Makes the domain's inline projections active: at once on an empty log; else each is filled from the
   * log first, while others go on appending, and tells how far it is. May run in several processes at
   * once. Throws `InlineProjectionsDiffer` if the log has a higher version.
   */
  async prepare(): Promise<void> {
    if (this.parts.readers.length === 0) return;
    await this.inRegistry(async (registry) => {
      for (const reader of this.parts.readers) await this.prepareOne(registry, reader);
    });
  }

  /** All inline projections of the log, also those of other releases. */
  list(): Promise<readonly StoredInline[]> {
    return this.parts.open ? this.inRegistry((registry) => registry.list()) : Promise.resolve([]);
  }

  /** Ends one, and drops its tables. Throws `UnknownInlineProjection`. */
  async remove(name: string): Promise<void> {
    if (await this.inRegistry((registry) => registry.remove(name))) return;
    throw unknownInline(name);
  }

  private async prepareOne(registry: InlineRegistry, reader: InlineReader): Promise<void> {
    const stored = await registry.register(reader);
    const key = inlineKey(reader);
    if (stored.state === 'removed')
      return this.parts.notice({
        kind: 'warning',
        message: `inline projection ${key} was removed from the log and is not run: raise its version to have it back, or delete it from the code`,
        cause: undefined,
      });
    if (stored.version > reader.version) throw outdated(reader, stored);
    if (stored.state === 'filling') await this.fill(registry, reader);
  }

  private async fill(registry: InlineRegistry, reader: InlineReader): Promise<void> {
    const progress = new Progress(inlineKey(reader), this.parts.notice);
    let upTo = await this.parts.log.settledEnd();
    for (let attempt = 1; ; ) {
      const step = await registry.fill(reader, upTo);
      if (!step) break; // another process has finished it
      progress.step(step.events, step.position, upTo);
      if (step.position < upTo) continue;
      if (await registry.activate(reader)) break;
      progress.waits();
      await pause(backoffMs(RETRY, attempt++));
      upTo = await this.parts.log.settledEnd();
    }
    progress.done();
  }

  private async inRegistry<T>(work: (registry: InlineRegistry) => Promise<T>): Promise<T> {
    const registry = this.parts.open?.();
    if (!registry) throw needsDatabase([]);
    try {
      return await work(registry);
    } finally {
      await registry.close();
    }
  }
}

/** Tells how filling goes: at first, every two seconds, and at the end, if there was anything to tell. */
class Progress {
  private readonly startedAt = performance.now();
  private toldAt = Number.NEGATIVE_INFINITY;
  private events = 0;

  constructor(
    private readonly key: string,
    private readonly notice: InlineParts['notice'],
  ) {}

  step(events: number, position: number, upTo: number): void {
    this.events += events;
    if (upTo === 0) return;
    const perSecond = Math.round((this.events * 1000) / (performance.now() - this.startedAt + 1));
    this.tell(
      `is filled from the log, and the start waits for it: position ${position} of ${upTo}, ${this.events} events, ${perSecond}/s`,
    );
  }

  waits(): void {
    this.tell('is filled, and waits until nobody holds the log for a moment');
  }

  done(): void {
    if (this.toldAt < 0) return;
    const message = `inline projection ${this.key} is active, filled with ${this.events} events`;
    this.notice({ kind: 'recovered', message, cause: undefined });
  }

  private tell(what: string): void {
    if (performance.now() - this.toldAt < TELL_EVERY_MS) return;
    this.toldAt = performance.now();
    this.notice({
      kind: 'degraded',
      message: `inline projection ${this.key} ${what}`,
      cause: undefined,
    });
  }
}

/** There is none of this name. */
export function unknownInline(name: string): SetupError {
  return new SetupError('UnknownInlineProjection', `The log has no inline projection ${name}`, {
    name,
  });
}

function needsDatabase(names: readonly string[]): SetupError {
  const which = names.length > 0 ? `: ${names.join(', ')}` : '';
  return new SetupError(
    'InlineNeedsDatabase',
    `Inline projections run in the transactions of a database: expected the store postgres, or a domain without them, got a log in memory${which}`,
    { names },
  );
}

function outdated(reader: InlineReader, stored: StoredInline): SetupError {
  const [mine, theirs] = [inlineKey(reader), inlineKey(stored)];
  return new SetupError(
    'InlineProjectionsDiffer',
    `The log has the inline projection ${theirs} (${stored.state}), and this code has ${mine}: start the release that has ${theirs}, or raise the version above ${stored.version}`,
    { active: [theirs], needed: [theirs], runs: [mine] },
  );
}
