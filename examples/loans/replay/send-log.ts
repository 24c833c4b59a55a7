import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LoanCase } from '../loan-case.js';
import { XesError } from '../xes/xes-error.js';
import type { CaseFacts } from './case-facts.js';
import { CaseSending, type RejectedStep, type SendingSetup } from './case-sending.js';
import { InFlight } from './in-flight.js';
import type { LoanClient } from './loan-client.js';
import { stepsOf } from './steps.js';

/** How a log is sent. */
export interface SendLogOptions {
  readonly client: Pick<LoanClient, 'trySend'>;
  /** Commands under way at once. */
  readonly inFlight: number;
  /** Once aborted nothing more is sent; what is under way is waited for. */
  readonly signal: AbortSignal;
  /** Told how many commands are settled, case by case. */
  readonly onProgress?: (commands: number) => void;
  /** Waits before what was refused is sent again. Default: real time. */
  readonly pause?: SendingSetup['pause'];
}

/** What was sent, and what the store should hold now. */
export interface SentLog {
  /** By case, as read from the file; rejected steps left out. */
  readonly cases: ReadonlyMap<string, CaseFacts>;
  /** Commands that were settled. */
  readonly commands: number;
  readonly deduplicated: number;
  readonly rejected: number;
  /** The first of the rejected steps. */
  readonly rejections: readonly RejectedStep[];
  /** From the first command sent to the last answer. */
  readonly seconds: number;
  /** The last thing that happened in the log, Unix milliseconds; 0 if nothing did. */
  readonly endsAt: number;
}

const keptRejections = 10;

/**
 * Sends the commands of all cases. Resolves when all that was sent is settled; rejects, after that too,
 * with what is wrong with the log or makes a command impossible.
 */
export async function sendLog(
  cases: AsyncIterable<LoanCase>,
  options: SendLogOptions,
): Promise<SentLog> {
  const tally = new Tally(options.onProgress);
  const { client, signal, pause = abortablePause(signal) } = options;
  const setup = { client, signal, pause, inFlight: new InFlight(options.inFlight) };
  // A case that pauses before another round holds no place for a command, so cases are bounded too.
  const openCases = new InFlight(options.inFlight);
  const running = new Set<Promise<void>>();
  const startedMs = performance.now();
  try {
    for await (const loanCase of cases) {
      await openCases.enter();
      if (signal.aborted || tally.failure) break;
      const sending = tally.open(loanCase, setup);
      await sending.sendRest();
      const finished = tally.close(sending).finally(() => {
        openCases.leave();
        running.delete(finished);
      });
      running.add(finished);
    }
  } finally {
    await Promise.all(running);
  }
  if (tally.failure) throw tally.failure.error;
  return tally.result((performance.now() - startedMs) / 1000);
}

function abortablePause(signal: AbortSignal): SendingSetup['pause'] {
  // Every case that pauses listens to it.
  setMaxListeners(0, signal);
  return (pauseMs) => sleep(pauseMs, undefined, { signal }).catch(() => {});
}

/** What is known of all cases so far. */
class Tally {
  failure: { readonly error: unknown } | undefined;
  readonly #cases = new Map<string, CaseFacts>();
  readonly #rejections: RejectedStep[] = [];
  #endsAt = 0;
  #commands = 0;
  #deduplicated = 0;
  #rejected = 0;

  constructor(private readonly onProgress: ((commands: number) => void) | undefined) {}

  open(loanCase: LoanCase, setup: SendingSetup): CaseSending {
    const { id, path, events } = loanCase;
    if (this.#cases.has(id)) {
      const line = events[0]?.line;
      const place = line === undefined ? { path } : { path, line };
      throw new XesError('REPEATED_CASE', place, `case ${id} occurs twice`);
    }
    const sending = new CaseSending(setup, id, stepsOf(loanCase));
    for (const { timestamp } of events) this.#endsAt = Math.max(this.#endsAt, timestamp);
    this.#cases.set(id, sending.facts);
    return sending;
  }

  async close(sending: CaseSending): Promise<void> {
    try {
      await sending.finish();
    } catch (error) {
      this.failure ??= { error };
    }
    const room = keptRejections - this.#rejections.length;
    this.#rejections.push(...sending.rejected.slice(0, room));
    this.#rejected += sending.rejected.length;
    this.#deduplicated += sending.deduplicated;
    this.#commands += sending.taken;
    this.onProgress?.(this.#commands);
  }

  result(seconds: number): SentLog {
    return {
      cases: this.#cases,
      commands: this.#commands,
      deduplicated: this.#deduplicated,
      rejected: this.#rejected,
      rejections: this.#rejections,
      seconds,
      endsAt: this.#endsAt,
    };
  }
}
