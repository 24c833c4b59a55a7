import type { Domain } from './aggregate/domain.js';
import type { Clock } from './internal/clock.js';
import type { Dispatch } from './messages/answer.js';
import type { Sending } from './messages/sending.js';
import { sendVia } from './projection/consumers.js';
import type { Store } from './store/store.js';
import type { ViewAccess } from './store/view-tables.js';
import type { PlainNotice } from './threads/protocol.js';
import { MemoryTimers } from './timers/memory-runner.js';
import { PendingTimers } from './timers/pending-timers.js';

/** What the timers of a runtime are made of. */
export interface RuntimeTimersParts {
  readonly domain: Domain;
  readonly store: Store;
  readonly access: ViewAccess;
  readonly clock: Clock;
  readonly sending: Sending;
  readonly dispatch: Dispatch;
  /** Hears who fires timers in memory. */
  readonly firing?: ((timers: MemoryTimers | undefined) => void) | undefined;
  notice(notice: PlainNotice): void;
}

/** What the host has of timers: who asks for them, and in memory who fires them. */
export interface RuntimeTimers {
  readonly pending: PendingTimers;
  readonly memory: MemoryTimers | undefined;
}

/** Starts what of timers runs in the host. */
export function startTimers(parts: RuntimeTimersParts): RuntimeTimers {
  const { domain, access, clock, sending, dispatch, firing, notice } = parts;
  const { timers: table } = access;
  // With subscriptions it is the processor that fires them.
  if (access.checkpoints) return { pending: new PendingTimers(domain, table), memory: undefined };
  const memory = MemoryTimers.start({
    ...{ ...parts, table },
    send: sendVia(dispatch, domain, { sending, clock }),
    tell: (kind, message, cause) => notice({ kind, message, cause }),
  });
  firing?.(memory);
  return { pending: new PendingTimers(domain, table, () => caughtUp(memory)), memory };
}

async function caughtUp(memory: MemoryTimers | undefined): Promise<void> {
  await memory?.caughtUp();
}
