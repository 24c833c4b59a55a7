import type { Reply } from '../messages/answer.js';
import type { Conversation } from '../messages/conversation.js';
import { CommandRefused } from '../messages/errors.js';
import { eventId } from '../messages/ids.js';
import { StoreUnavailable } from '../store/unavailable.js';
import type { KnownInstances } from './known-instances.js';
import type { Routed } from './route-event.js';
import { ADVANCE } from './saga-aggregate.js';
import { stepInput, stepsOf } from './saga-calls.js';
import { circumstancesOf, relayAndStep, type Sender } from './saga-relay.js';
import { isWaiting, nextDue, type SagaState } from './saga-state.js';
import type { Stepped } from './stepped.js';

/** How often is looked whether others have finished what an instance waits for, and for how long. Milliseconds. */
const LOOK_MS = 10;
const PATIENCE_MS = 10_000;

/** An instance in event time, and what is known of it and its like. */
export interface Timed extends Sender {
  readonly known: KnownInstances;
}

/**
 * Hands an instance an event, once per key. What was due before it has happened, and all that it caused,
 * before the instance gets it; what the event itself causes is finished when it resolves.
 */
export async function deliver(
  timed: Timed,
  { input }: Routed,
  { causationId, ...conversation }: Conversation & { readonly causationId: string },
): Promise<void> {
  const { ask, saga, id, known } = timed;
  const to = { id, input, key: `event/${input.source}` };
  // Tried as if it were new: most of those that can start an instance do.
  if (input.start && !known.get(id)) known.isNew(id);
  for (;;) {
    await advance(timed, input.at, conversation);
    const ifAt = known.get(id)?.step;
    const circumstances = { at: input.at, ifAt, metadata: { causationId, ...conversation } };
    try {
      const steps = await stepInput(ask, saga, to, circumstances);
      known.fold(id, steps);
      return await settle(timed, steps, conversation);
    } catch (error) {
      known.forget(id);
      // Others have moved it meanwhile, and something may be due now.
      if (!(error instanceof CommandRefused && error.code === 'VersionConflict')) throw error;
    }
  }
}

/**
 * Moves an instance in event time up to an instant: its timers due at or before it fire, one at a time in
 * the order in which they are due, and what each of them caused is finished before the next. Gives the
 * number of timers that fired. Rejects with `StoreUnavailable` where it is to be called again.
 */
export async function advance(
  timed: Timed,
  upTo: number,
  conversation: Conversation = {},
): Promise<number> {
  const { saga, id, known } = timed;
  const givenUpAt = performance.now() + PATIENCE_MS;
  for (let fired = 0; ; ) {
    const before = known.get(id);
    if (before && isAtRest(before, upTo)) return fired;
    const reply = await fireNext(timed, upTo, conversation);
    if (reply.kind === 'rejected') {
      known.isNew(id);
      return fired;
    }
    const steps = stepsOf(reply, saga, id);
    known.learn(id, reply);
    fired += steps.length;
    await settle(timed, steps, conversation);
    if (steps.length > 0) continue;
    const after = known.get(id);
    if (!after || !isWaiting(after)) return fired;
    // Left by who went on before a crash: the relay sends it, and this one only waits for that.
    if (performance.now() > givenUpAt) throw waits(timed);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

/** Nothing is due by then, and nothing under way. */
function isAtRest(state: SagaState, upTo: number): boolean {
  const { due = Number.POSITIVE_INFINITY } = nextDue(state) ?? {};
  return due > upTo && !isWaiting(state);
}

/** Sends what these steps have recorded, and what the outcomes come to, until nothing is left. */
async function settle(
  timed: Timed,
  steps: readonly Stepped[],
  metadata: Conversation,
): Promise<void> {
  const { saga, id, known } = timed;
  for (const data of steps) {
    const event = { data, metadata, eventId: eventId(saga.storedAs, id, data.step) };
    for (const command of data.commands) {
      const circumstances = circumstancesOf(saga, event);
      const more = await known.relayOnce(command.key, () =>
        relayAndStep(timed, command, circumstances),
      );
      known.fold(id, more);
      await settle(timed, more, metadata);
    }
  }
}

function fireNext({ ask, saga, id }: Sender, upTo: number, metadata: Conversation): Promise<Reply> {
  return ask({
    ...{ aggregate: saga.storedAs, id, type: ADVANCE, data: { upTo }, metadata },
    ...{ key: '', keepsAll: false, wantsState: true, occurredAt: upTo },
  });
}

function waits({ saga, id }: Sender): StoreUnavailable {
  return new StoreUnavailable(
    `Saga ${saga.name}, instance ${id} still waits for what became of a command or an effect`,
  );
}
