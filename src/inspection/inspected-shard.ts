import type { Phase } from '../actor/blame.js';
import type { CommandMessage } from '../messages/command.js';
import type { ShardAnswers, ShardQuestion, ShardReport } from '../shard/questions.js';

/** A shard as those who look see it: its side in the host. */
export interface InspectedShard {
  readonly index: number;
  /** Times its thread was replaced. */
  readonly restarts: number;
  /** Commands that were handed to it, by slice. */
  readonly sliceCommands: ArrayLike<number>;
  /** Figures of its memory, and what it was last known to do. */
  readonly telemetry: { readonly memory: SharedArrayBuffer };
  readonly activity: { readonly phase: Phase };
  /** The command that user code runs for. */
  readonly running: { readonly message: CommandMessage } | undefined;
  readonly questions: {
    readonly thread: number | undefined;
    ask<Question extends ShardQuestion>(question: Question): Promise<Told<Question['kind']>>;
  };
  look(): Promise<{
    readonly condition: 'running' | 'blocked' | 'replaced' | 'stopped';
    readonly report?: ShardReport;
  }>;
}

/** What came of a question. */
type Told<Kind extends keyof ShardAnswers> =
  | { readonly kind: 'answered'; readonly answer: ShardAnswers[Kind] }
  | { readonly kind: 'silent' };
