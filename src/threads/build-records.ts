import type { BuildRecord } from '../dispatcher/build-guard.js';
import type { Consumer } from '../dispatcher/subscription.js';
import { TroupeError } from '../messages/errors.js';
import { toPlainError } from '../messages/plain-error.js';
import type { FeedSuspect } from './feed-slots.js';

/** What was under way when the processor ended. */
export interface EndedWork extends FeedSuspect {
  readonly consumer: Pick<Consumer, 'name' | 'version'>;
  /** Nothing else was under way. */
  readonly isAlone: boolean;
  readonly cause: Error;
}

/**
 * What the builds of consumers have come to, across the starts of the processor: one that has ended it twice
 * in the same place, the second time alone, is not tried again by this process.
 */
export class BuildRecords {
  private readonly records: (BuildRecord | undefined)[] = [];

  /** By the place of their consumer. */
  get all(): readonly (BuildRecord | undefined)[] {
    return this.records;
  }

  /** Puts down that the processor has ended during a build, and gives what is to be said of it. */
  ended({ index, from, consumer, isAlone, cause }: EndedWork): string {
    const { name, version } = consumer;
    const before = this.records[index];
    const isGuilty = isAlone && before?.at === from;
    const message = isGuilty
      ? `${name} cannot be built: it has ended the processor twice at position ${from} or soon after: ${cause.message}. What serves goes on serving. Mend the code of version ${version}, and start again`
      : `The processor ended while ${name} was built, at position ${from} or soon after: ${cause.message}`;
    const details = { name, version, position: from };
    const error = new TroupeError('ProcessorEnded', message, details, cause);
    const refusal = isGuilty ? toPlainError(error) : before?.refusal;
    this.records[index] = { at: from, refusal };
    return message;
  }
}
