import type { Reply } from '../messages/answer.js';
import { eventId } from '../messages/ids.js';
import { StoreUnavailable } from '../store/unavailable.js';
import { ADVANCE } from './saga-aggregate.js';
import { stepsOf } from './saga-calls.js';
import { circumstancesOf, relay, type Sender } from './saga-relay.js';
import type { SagaState } from './saga-state.js';
import type { Stepped } from './stepped.js';

/** How often is looked whether others have finished what an instance waits for, and for how long. Milliseconds. */
const LOOK_MS = 10;
const PATIENCE_MS = 10_000;

/**
 * Moves an instance in event time up to an instant: its timers due at or before it fire, one at a time in
 * the order in which they are due, and what each of them caused is finished before the next. Gives the
 * number of timers that fired. Rejects with `StoreUnavailable` where it is to be called again.
 */
export async function advance(
  sender: Sender,
  upTo: number,
  metadata: { readonly correlationId?: string } = {},
): Promise<number> {
  const givenUpAt = performance.now() + PATIENCE_MS;
  for (let fired = 0; ; ) {
    const reply = await fireNext(sender, upTo, metadata);
    if (reply.kind === 'rejected') return fired; // there is no such instance
    const steps = stepsOf(reply, sender.saga, sender.id);
    fired += steps.length;
    await settle(sender, steps, metadata);
    if (steps.length > 0) continue;
    if (!isWaiting(reply)) return fired;
    // Left by who went on before a crash: the relay sends it, and this one only waits for that.
    if (performance.now() > givenUpAt) throw waits(sender);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

/** Sends what these steps have recorded, and what the outcomes come to, until nothing is left. */
export async function settle(
  sender: Sender,
  steps: readonly Stepped[],
  metadata: { readonly correlationId?: string },
): Promise<void> {
  const { saga, id } = sender;
  for (const data of steps) {
    const event = { data, metadata, eventId: eventId(saga.storedAs, id, data.step) };
    for (const command of data.commands)
      await settle(sender, await relay(sender, command, circumstancesOf(saga, event)), metadata);
  }
}

function fireNext(
  { ask, saga, id }: Sender,
  upTo: number,
  metadata: { readonly correlationId?: string },
): Promise<Reply> {
  return ask({
    ...{ aggregate: saga.storedAs, id, type: ADVANCE, data: { upTo }, metadata },
    ...{ key: '', keepsAll: false, wantsState: true, occurredAt: upTo },
  });
}

function isWaiting(reply: Reply): boolean {
  if (reply.kind !== 'accepted' || reply.state === undefined) return false;
  const { status, commands, effects } = JSON.parse(reply.state) as SagaState;
  return status === 'active' && Object.keys(commands).length + Object.keys(effects).length > 0;
}

function waits({ saga, id }: Sender): StoreUnavailable {
  return new StoreUnavailable(
    `Saga ${saga.name}, instance ${id} still waits for what became of a command or an effect`,
  );
}
