import { isTroupeError } from '../messages/errors.js';
import type { InlineSets } from '../messages/inline-errors.js';
import type { AppendBatch } from '../store/append.js';
import { type InlineReader, inlineKey } from '../store/inline.js';

/**
 * Which inline projections are run with a batch. All that the domain has count as active until the database
 * says otherwise: it refuses an append that does not run exactly what it should, and tells.
 */
export class InlineCommit {
  private active: readonly InlineReader[];

  private constructor(private readonly readers: readonly InlineReader[]) {
    this.active = readers;
  }

  /** `undefined` where the domain has none. */
  static of(readers: readonly InlineReader[] = []): InlineCommit | undefined {
    return readers.length === 0 ? undefined : new InlineCommit(readers);
  }

  /** The batch with those that its rows concern; as it is where there are none. */
  with(batch: AppendBatch): AppendBatch {
    const inline = this.active.filter((reader) => batch.rows.some((row) => reader.wants(row)));
    return inline.length === 0 ? batch : { ...batch, inline };
  }

  /** Learns from a refusal which ones are active. False if that is not why, or if it was known. */
  adopt(cause: Error): boolean {
    if (!isTroupeError(cause, 'InlineProjectionsDiffer')) return false;
    // Made from what the database told.
    const { active } = cause.details as unknown as InlineSets;
    const next = this.readers.filter((reader) => active.includes(inlineKey(reader)));
    const before = this.active;
    this.active = next;
    return next.length !== before.length || next.some((reader, i) => reader !== before[i]);
  }
}
