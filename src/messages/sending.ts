import type { JsonLimits } from '../internal/json.js';

/** What holds for all commands that a runtime sends, in whichever thread. Plain data. */
export interface Sending {
  readonly limits: JsonLimits;
  /** Deadline of a command that names none. Milliseconds. */
  readonly timeoutMs: number;
}
