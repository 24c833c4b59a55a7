import type { RecordedEvent, SagaStep } from 'troupe';
import { followUpCall } from '../follow-up/follow-up-call.js';
import { offerFollowUp } from '../follow-up/offer-follow-up.js';

/** What the saga `offer-follow-up` has done, as the log has it. */
export interface FollowUps {
  /** Offers that were sent: instances. */
  readonly started: number;
  /** Instances whose offer has ended. */
  readonly completed: number;
  /** All others. */
  readonly running: number;
  /** Calls to customers that were scheduled. */
  readonly followUps: number;
  readonly timersFired: number;
}

/** Counts, event by event, what was done about the offers of some applications. */
export class FollowUpTally {
  readonly #applications: ReadonlySet<string>;
  /** By instance: is it done? */
  readonly #instances = new Map<string, boolean>();
  #followUps = 0;
  #timersFired = 0;

  constructor(applications: readonly string[]) {
    this.#applications = new Set(applications);
  }

  add({ aggregate, id, data }: Pick<RecordedEvent, 'aggregate' | 'id' | 'data'>): void {
    if (aggregate === followUpCall.name && this.#has((data as { application: string }).application))
      this.#followUps++;
    if (aggregate === offerFollowUp.storedAs && this.#has(id.slice(0, id.lastIndexOf('/'))))
      this.#step(id, data as SagaStep);
  }

  result(): FollowUps {
    const started = this.#instances.size;
    const completed = [...this.#instances.values()].filter((isDone) => isDone).length;
    return {
      ...{ started, completed, running: started - completed },
      ...{ followUps: this.#followUps, timersFired: this.#timersFired },
    };
  }

  #has(application: string): boolean {
    return this.#applications.has(application);
  }

  #step(id: string, { input, status }: Pick<SagaStep, 'input' | 'status'>): void {
    this.#instances.set(id, status === 'done');
    if (input.kind === 'timer') this.#timersFired++;
  }
}
