import { TroupeError } from '../messages/errors.js';
import type { Receipt } from './receipt.js';

/** What may be waited for: a view, projection, handler or publication, or a subscription by its name. */
export type WaitedFor =
  | string
  | { readonly kind: 'view' | 'projection' | 'handler' | 'publication'; readonly name: string };

/** What waits for readers of the log. */
export interface Readers {
  /**
   * Throws, or rejects with, `UnknownSubscription` for a name that nobody runs. A promise only where the
   * database has to be asked.
   */
  check(names: readonly string[]): Promise<void> | undefined;
  /** Resolves when a reader has handled the log up to a position. */
  waitFor(name: string, position: number, options?: { readonly timeoutMs?: number }): Promise<void>;
}

/** How a caller waits for what it wrote. */
export interface WaitForOptions {
  /**
   * The receipt comes when these have handled its position: whoever asks a view then sees what was
   * written, in whichever process it is kept up to date. A no-op waits for the last event of its stream, a
   * rejection for nothing. Names that nobody runs are refused before anything is sent
   * (`UnknownSubscription`). Else whatever keeps it from waiting to the end is told by `WaitFailed`,
   * for the command *is* stored.
   */
  readonly waitFor?: readonly WaitedFor[];
  /** How long it waits after the command was stored. Milliseconds. Default 30 000. */
  readonly waitForTimeoutMs?: number;
}

/**
 * The command is stored, and must not be sent again; but not all readers are known to have handled it.
 * `code` says why: `WaitTimedOut`; `Parked`, when it failed for one of them, or waits behind an event that
 * did; `Stopping`. `details` are those of the cause.
 */
export class WaitFailed extends TroupeError {
  readonly outcome = 'accepted';
  readonly receipt: Receipt;

  constructor(receipt: Receipt, cause: unknown) {
    const { aggregate, id, version, commandId } = receipt;
    const { code, details, message } = cause as Partial<TroupeError>;
    super(
      code ?? 'WaitFailed',
      `Command ${commandId} of ${aggregate}/${id} is stored (version ${version}): ${message ?? String(cause)}`,
      details ?? {},
      cause,
    );
    this.receipt = receipt;
  }
}

/** The names that are waited for; each once. */
export function namesOf(awaited: readonly WaitedFor[]): readonly string[] {
  return [...new Set(awaited.map((one) => (typeof one === 'string' ? one : one.name)))];
}

/** Waits for all; rejects with `WaitFailed` as soon as one cannot be waited for. */
export async function waitForAll(
  readers: Readers,
  { waitFor = [], waitForTimeoutMs }: WaitForOptions,
  receipt: Receipt,
): Promise<void> {
  const options = waitForTimeoutMs === undefined ? {} : { timeoutMs: waitForTimeoutMs };
  const { position } = receipt;
  try {
    await Promise.all(namesOf(waitFor).map((name) => readers.waitFor(name, position, options)));
  } catch (error) {
    throw new WaitFailed(receipt, error);
  }
}
