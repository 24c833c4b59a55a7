import { isRefusal } from 'troupe';
import { type Answer, answerOf } from './answer.js';
import { addStep, noFacts } from './case-facts.js';
import type { InFlight } from './in-flight.js';
import type { LoanClient } from './loan-client.js';
import type { LoanStep } from './steps.js';

/** What the sending of all cases shares. */
export interface SendingSetup {
  readonly client: Pick<LoanClient, 'trySend'>;
  /** Places for commands under way. */
  readonly inFlight: InFlight;
  /** Once aborted nothing more is sent. */
  readonly signal: AbortSignal;
  /** Waits, at most until `signal` is aborted. */
  readonly pause: (pauseMs: number) => Promise<void>;
}

/** A step that the domain rejected. */
export interface RejectedStep {
  readonly caseId: string;
  readonly index: number;
  readonly code: string;
  readonly message: string;
}

const firstPauseMs = 20;
const longestPauseMs = 2_000;
/** Rounds in a row in which nothing was settled; with the pauses, over half a minute. */
const maxFruitlessRounds = 24;

/**
 * Sends one case, without waiting for one command before the next, for an actor decides in order of arrival.
 *
 *     sendRest ──► finish: takes the answers in order ──► all taken
 *        ▲                      │ one is to be sent again
 *        └─────── pause ────────┘
 *
 * Every command names the version that those before it leave behind. Else one could overtake another:
 * if the fifth is refused because the database is away for a moment, the sixth must not be decided
 * without it. So the sixth is refused too, and both are sent in the next round.
 */
export class CaseSending {
  /** What the store should hold of this case, as far as it was answered. */
  readonly facts = noFacts();
  readonly rejected: RejectedStep[] = [];
  deduplicated = 0;
  /** Steps that were accepted or rejected. */
  taken = 0;
  #version = 0;
  #round: Promise<Answer>[] = [];
  #fruitlessRounds = 0;

  constructor(
    private readonly setup: SendingSetup,
    private readonly caseId: string,
    private readonly steps: readonly LoanStep[],
  ) {}

  /** Sends what is not settled yet; resolves once all of it is on its way. */
  async sendRest(): Promise<void> {
    const { inFlight, signal } = this.setup;
    this.#round = [];
    for (const step of this.steps.slice(this.taken)) {
      const place = inFlight.enter();
      if (place) await place;
      if (signal.aborted) return inFlight.leave();
      this.#round.push(this.#send(step, this.#version + this.#round.length));
    }
  }

  /** Resolves once every step is settled, or nothing more is sent. Rejects with what makes it impossible. */
  async finish(): Promise<void> {
    for (;;) {
      const takenBefore = this.taken;
      const obstacle = this.#take(await Promise.all(this.#round));
      if (!obstacle || this.setup.signal.aborted) return;
      await this.#pauseAfter(obstacle, this.taken > takenBefore);
      await this.sendRest();
    }
  }

  async #send(step: LoanStep, expectedVersion: number): Promise<Answer> {
    const { occurredAt, idempotencyKey } = step;
    const options = { occurredAt, idempotencyKey, expectedVersion };
    try {
      const result = await this.setup.client.trySend(this.caseId, step.command, options);
      if (!result.ok) return { kind: 'rejected', code: result.code, message: result.message };
      const { version, deduplicated } = result.receipt;
      return { kind: 'accepted', version, deduplicated };
    } catch (error) {
      return answerOf(error);
    } finally {
      this.setup.inFlight.leave();
    }
  }

  /** Takes answers up to the first that needs another round, and returns what caused that one. */
  #take(answers: readonly Answer[]): Error | undefined {
    for (const answer of answers) {
      if (answer.kind === 'impossible') throw answer.error;
      if (answer.kind === 'again') return answer.error;
      const step = this.steps[this.taken++] as LoanStep;
      if (answer.kind === 'rejected') {
        const { code, message } = answer;
        this.rejected.push({ caseId: this.caseId, index: step.index, code, message });
      } else {
        this.#version = answer.version;
        this.deduplicated += answer.deduplicated ? 1 : 0;
        addStep(this.facts, step);
      }
    }
    return undefined;
  }

  async #pauseAfter(obstacle: Error, progressed: boolean): Promise<void> {
    const isConflict = isRefusal(obstacle, 'VersionConflict');
    // Behind a rejection, which left no event: the next round names the right version.
    if (isConflict && progressed) return;
    this.#fruitlessRounds = progressed ? 0 : this.#fruitlessRounds + 1;
    if (isConflict || this.#fruitlessRounds > maxFruitlessRounds) throw obstacle;
    await this.setup.pause(Math.min(firstPauseMs * 2 ** this.#fruitlessRounds, longestPauseMs));
  }
}
