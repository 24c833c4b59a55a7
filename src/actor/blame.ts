/** Kinds of user code that may loop or throw; the number is what shared memory holds. */
export const PHASES = [
  'none',
  'validate',
  'decide',
  'event schema',
  'evolve',
  'encode',
  'replay',
  'services',
] as const;
export type Phase = (typeof PHASES)[number];

/** Notes which user code runs for which command, so that a watchdog outside the thread can name it. */
export interface Blame {
  enter(phase: Phase, ref: number): void;
  leave(): void;
}

export const NO_BLAME: Blame = { enter: () => undefined, leave: () => undefined };
