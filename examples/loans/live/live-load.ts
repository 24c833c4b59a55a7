import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { CommandRefused, isTroupeError, type Runtime } from 'troupe';
import { loanApplication } from '../loan-application.js';
import { creditBureau } from './credit-bureau.js';
import { customerFile } from './customer-file.js';
import { amountOf, commandsOf } from './stories.js';

/** Whom the load is kept on, and for how long. */
export interface LiveLoadSetup {
  readonly runtime: Pick<Runtime, 'aggregate'>;
  /** Once aborted nothing more is sent. */
  readonly signal: AbortSignal;
  /** Told what should not have happened, once each. */
  readonly onNotice: (message: string) => void;
}

const APPLICATION_EVERY_MS = 4_000;
const STEP_EVERY_MS = 900;
const PAPER_AFTER_MS = 5_000;
/** Also what keeps a refusal from being asked for without end. */
const ASKED_AGAIN_MS = 300;
/** Of the slow actor: they wait for each other. */
const ASKING_AT_ONCE = 4;
/** One file for all starts: the second one finds it parked already, and writes to it once more. */
const WITHOUT_ADDRESS = 'live-without-address';
const PAPERS = ['payslip', 'passport'];

/**
 * Keeps new applications coming, some a minute, until the signal is aborted; then resolves when what is
 * under way is answered. Every id begins with `live-`: those of a replayed log are left alone.
 */
export async function keepLiveLoad(setup: LiveLoadSetup): Promise<void> {
  await new LiveLoad(setup).run();
}

class LiveLoad {
  readonly #setup: LiveLoadSetup;
  readonly #told = new Set<string>();
  /** No other start has the same. */
  readonly #run = Date.now().toString(36);
  readonly #stories = new Set<Promise<void>>();

  constructor(setup: LiveLoadSetup) {
    this.#setup = setup;
    // All that sleep listen to it.
    setMaxListeners(0, setup.signal);
  }

  async run(): Promise<void> {
    const askers = Array.from({ length: ASKING_AT_ONCE }, (_, i) => this.#keepAsking(i));
    this.#tell(this.#withoutAddress());
    for (let number = 0; !this.#isOver; number++) {
      const id = `live-${this.#run}-${number}`;
      this.#tell(this.#application(id, number));
      this.#tell(this.#papers(id, number));
      await this.#pause(APPLICATION_EVERY_MS);
    }
    await Promise.all([...askers, ...this.#stories]);
  }

  get #isOver(): boolean {
    return this.#setup.signal.aborted;
  }

  /** One application from its submission to its end; every fifth has a step that is against the rules. */
  async #application(id: string, number: number): Promise<void> {
    const client = this.#setup.runtime.aggregate(loanApplication);
    for (const [step, command] of commandsOf(number, id).entries()) {
      if (this.#isOver) return;
      await client.send(id, command);
      if (number % 5 === 4 && step === 1) await client.trySend(id, { type: 'approve', data: {} });
      await this.#pause(STEP_EVERY_MS);
    }
  }

  /** The papers that come with it: in time, after a reminder, or never. */
  async #papers(id: string, number: number): Promise<void> {
    const client = this.#setup.runtime.aggregate(customerFile);
    const data = { amount: amountOf(number), papers: PAPERS, address: `Street ${number}` };
    await client.create({ type: 'open', data }, { id });
    for (const paper of PAPERS.slice(0, number % 3)) {
      await this.#pause(PAPER_AFTER_MS);
      if (this.#isOver) return;
      await client.send(id, { type: 'receive', data: { paper } });
    }
  }

  /** The poisoned event: the handler `letters` cannot take it, and parks this stream. */
  async #withoutAddress(): Promise<void> {
    const client = this.#setup.runtime.aggregate(customerFile);
    const data = { amount: 5_000, papers: PAPERS };
    const written = await client.trySend(WITHOUT_ADDRESS, { type: 'remind', data: {} });
    if (!written.ok) await client.create({ type: 'open', data }, { id: WITHOUT_ADDRESS });
  }

  async #keepAsking(asker: number): Promise<void> {
    const client = this.#setup.runtime.aggregate(creditBureau);
    for (let number = asker; !this.#isOver; number += ASKING_AT_ONCE) {
      const data = { application: `live-${this.#run}-${number}`, amount: amountOf(number) };
      await this.#settled(client.trySend('bureau', { type: 'score', data }));
      await this.#pause(ASKED_AGAIN_MS);
    }
  }

  #tell(story: Promise<void>): void {
    const settled = this.#settled(story).finally(() => this.#stories.delete(settled));
    this.#stories.add(settled);
  }

  /** A story ends where a command is not taken: the next application comes soon enough. */
  async #settled(story: Promise<unknown>): Promise<void> {
    try {
      await story;
    } catch (error) {
      const isUsual = error instanceof CommandRefused || isTroupeError(error, 'OutcomeUnknown');
      if (!isUsual && !this.#isOver) this.#notice(error as Error);
    }
  }

  #notice({ name, message }: Error): void {
    if (!this.#told.has(name)) this.#setup.onNotice(`the live load: ${message}`);
    this.#told.add(name);
  }

  async #pause(ms: number): Promise<void> {
    const { signal } = this.#setup;
    await sleep(ms, undefined, { signal }).catch(() => undefined);
  }
}
