import type { Aggregate } from './aggregate/define-aggregate.js';
import type { Domain } from './aggregate/domain.js';
import { AggregateClient, type ClientSetup } from './client/aggregate-client.js';
import type { Clock } from './internal/clock.js';
import type { Send } from './projection/send.js';
import type { Store } from './store/store.js';
import type { TimerTable } from './store/timers.js';
import type { PlainNotice } from './threads/protocol.js';
import { MemoryTimers } from './timers/memory-runner.js';
import { PendingTimers } from './timers/pending-timers.js';

/** What the timers of a runtime are made of. */
export interface RuntimeTimersParts {
  readonly domain: Domain;
  readonly store: Store;
  readonly table: TimerTable;
  readonly clock: Clock;
  readonly client: ClientSetup;
  /** The processor fires them. */
  readonly hasSubscriptions: boolean;
  notice(notice: PlainNotice): void;
}

/** What the host has of timers: who asks for them, and in memory who fires them. */
export interface RuntimeTimers {
  readonly pending: PendingTimers;
  readonly memory: MemoryTimers | undefined;
}

/** Starts what of timers runs in the host. */
export function startTimers(parts: RuntimeTimersParts): RuntimeTimers {
  const { domain, table, client, hasSubscriptions, notice } = parts;
  if (hasSubscriptions) return { pending: new PendingTimers(domain, table), memory: undefined };
  const memory = MemoryTimers.start({
    ...parts,
    send: sendFrom(client),
    tell: (kind, message, cause) => notice({ kind, message, cause }),
  });
  return { pending: new PendingTimers(domain, table, () => caughtUp(memory)), memory };
}

async function caughtUp(memory: MemoryTimers | undefined): Promise<void> {
  await memory?.caughtUp();
}

function sendFrom(client: ClientSetup): Send {
  return (definition, { id, command, idempotencyKey, ...metadata }) =>
    new AggregateClient(definition as Aggregate, client).send(id, command, {
      ...{ idempotencyKey, metadata },
    });
}
