import { TroupeError } from '../messages/errors.js';
import { toPlainError } from '../messages/plain-error.js';
import type { Pacing } from '../shard/actor-list.js';
import type { AskedShard, ShardAnswers, ShardQuestion, ToldByShard } from '../shard/questions.js';
import type { ShardInspector } from '../shard/shard-inspector.js';
import type { ShardLink } from './shard-link.js';
import { readSlots } from './shared-slots.js';

/** What came of a question: `silent` means that the shard shows no sign of life, or does not run. */
export type Told<Answer> =
  | { readonly kind: 'answered'; readonly answer: Answer }
  | { readonly kind: 'silent' };

/** The line to one start of a shard. */
export interface QuestionLine {
  readonly link: Pick<ShardLink, 'post' | 'thread'> | undefined;
  /** Where its heartbeats are counted. */
  readonly slots: SharedArrayBuffer;
}

interface Pending {
  readonly watch: NodeJS.Timeout;
  settle(told: Told<unknown>): void;
  fail(error: Error): void;
}

/** How long a shard may show no sign of life before nobody waits for it. */
const SILENCE_MS = 250;
/** A list takes this much of a turn of its shard's event loop, and rests for so long before the next. */
const LIST_TURN_MS = 2;
const LIST_REST_MS = 5;
const SILENT: Told<never> = { kind: 'silent' };
let lastRef = 0;

/**
 * What a shard was asked and has not answered. An answer is waited for as long as the shard's heart beats:
 * one that works on a long list is not taken for a blocked one.
 */
export class Questions {
  private readonly pending = new Map<number, Pending>();

  /** `line` gives none where the shard does not run. */
  constructor(private readonly line: () => QuestionLine | undefined) {}

  ask<Question extends ShardQuestion>(
    question: Question,
  ): Promise<Told<ShardAnswers[Question['kind']]>> {
    const line = this.line();
    if (!line) return Promise.resolve(SILENT);
    lastRef += 1;
    const ref = lastRef;
    return new Promise((resolve, reject) => {
      const settle = resolve as (told: Told<unknown>) => void;
      this.pending.set(ref, { watch: this.watch(ref, line, question), settle, fail: reject });
      line.link?.post({ inspect: [{ ref, question }] });
    });
  }

  /** Number of the thread that would be asked. */
  get thread(): number | undefined {
    return this.line()?.link?.thread;
  }

  settle({ ref, answer, failure }: ToldByShard): void {
    const pending = this.take(ref);
    if (!failure) return pending?.settle({ kind: 'answered', answer });
    const { code = 'InspectionFailed', message, details, cause } = failure;
    pending?.fail(new TroupeError(code, message, details, cause));
  }

  /** The thread that was asked is gone. */
  forget(): void {
    for (const ref of [...this.pending.keys()]) this.take(ref)?.settle(SILENT);
  }

  private watch(ref: number, { slots }: QuestionLine, { kind }: ShardQuestion): NodeJS.Timeout {
    let before = readSlots(slots).heartbeat;
    return setInterval(() => {
      const now = readSlots(slots).heartbeat;
      // How a shard is can be told at once: who is late with it is blocked.
      if (now === before || kind === 'shard') this.take(ref)?.settle(SILENT);
      before = now;
    }, SILENCE_MS);
  }

  private take(ref: number): Pending | undefined {
    const pending = this.pending.get(ref);
    this.pending.delete(ref);
    clearInterval(pending?.watch);
    return pending;
  }
}

/** The shard's side: never rejects. */
export async function answerQuestion(
  inspector: ShardInspector,
  { ref, question }: AskedShard,
): Promise<ToldByShard> {
  try {
    return { ref, answer: await inspector.answer(question) };
  } catch (error) {
    return { ref, failure: toPlainError(error) };
  }
}

/** How a shard's lists share its thread; `beat` says that it is alive. */
export function listPacing(beat: () => void): Pacing {
  return {
    turnMs: LIST_TURN_MS,
    now: () => performance.now(),
    nextTurn() {
      beat();
      return new Promise((resolve) => setTimeout(resolve, LIST_REST_MS));
    },
  };
}
