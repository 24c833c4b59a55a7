import type { CommandInput, CommandSpecs } from './decider.js';

/** A command of the same aggregate, as a caller writes it. */
export type TimedCommand<Commands extends CommandSpecs> = {
  readonly [Type in keyof Commands & string]: {
    readonly type: Type;
    readonly data: CommandInput<Commands[Type]>;
  };
}[keyof Commands & string];

/** A timer to be set. */
export interface NewTimer<Commands extends CommandSpecs> {
  /** Names it within this instance; one that is set again under the same key replaces the one before. 1 to 200 bytes. */
  readonly key: string;
  /** When it is due: a date or Unix milliseconds, from 1970 to the year 9999. One that has passed is due at once. */
  readonly at: Date | number;
  /** What is sent to this instance then. */
  readonly command: TimedCommand<Commands>;
}

/** What the context of an aggregate declared with `timers: true` has beside the rest. */
export interface TimerContext<Commands extends CommandSpecs> {
  /**
   * Sets a timer, stored with the decision even if it has no events; a rejection sets none. When it is
   * due its command is sent to this instance, once, whatever restarts in between. Throws a `TypeError`
   * for a key, a time or a command that does not fit, and the command that decides then fails.
   */
  schedule(timer: NewTimer<Commands>): void;
  /** Takes a timer back: it will not fire, even if its command is under way. Nothing happens if there is none. */
  unschedule(key: string): void;
}
