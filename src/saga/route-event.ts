import { heard } from '../dispatcher/listening.js';
import type { FeedEvent } from '../dispatcher/subscription.js';
import { jsonProblem } from '../internal/json.js';
import { TroupeError } from '../messages/errors.js';
import { idProblem } from '../messages/ids.js';
import type { Saga } from './saga.js';
import type { DomainEventInput, MachineEvent } from './saga-input.js';

/** An input and the instance that gets it. */
export interface Routed {
  /** Id of the instance. */
  readonly id: string;
  readonly input: DomainEventInput;
}

/**
 * Which instance a domain event concerns, and what it gets of it; `undefined` if none. Runs `correlate`,
 * `toMachine` and `starts`; throws what they throw, and `SagaEventInvalid` for what they may not give.
 */
export function routeEvent(saga: Saga, event: FeedEvent): Routed | undefined {
  const known = heard<FeedEvent>(saga.listening, event);
  if (!known) return undefined;
  const id = saga.correlate(known as never) ?? undefined;
  if (id === undefined) return undefined;
  const problem = idProblem(id);
  if (problem) throw invalidFor(saga, known, `correlate: ${problem}`);
  const name = `${known.aggregate}.${known.type}`;
  const makesInput = Object.hasOwn(saga.starts, name) ? saga.starts[name] : undefined;
  const given = saga.toMachine(known as never) ?? undefined;
  if (given === undefined && !makesInput) return undefined;
  return {
    id,
    // In the order of canonical JSON, which its hash is made of.
    input: {
      at: known.occurredAt.getTime(),
      ...(given && { event: machineEvent(saga, known, given) }),
      ...{ kind: 'event', source: known.eventId },
      ...(makesInput && { start: startWith(saga, known, makesInput) }),
    },
  };
}

function machineEvent(saga: Saga, event: FeedEvent, given: MachineEvent): MachineEvent {
  if (typeof given.type === 'string') return plain(saga, event, { what: 'toMachine', given });
  throw invalidFor(saga, event, 'toMachine: expected an event with a type');
}

function startWith(saga: Saga, event: FeedEvent, makesInput: (event: never) => unknown) {
  const given = makesInput(event as never);
  return given === undefined ? {} : { input: plain(saga, event, { what: 'starts', given }) };
}

function plain<Given>(
  saga: Saga,
  event: FeedEvent,
  { what, given }: { readonly what: string; readonly given: Given },
): Given {
  const problem = jsonProblem(given);
  if (!problem) return JSON.parse(JSON.stringify(given)) as Given;
  throw invalidFor(
    saga,
    event,
    `${what}: expected plain JSON, but ${problem.path || 'it'} is ${problem.found}`,
  );
}

function invalidFor({ name }: Saga, { eventId }: FeedEvent, problem: string): TroupeError {
  return new TroupeError('SagaEventInvalid', `Saga ${name}, event ${eventId}: ${problem}`, {
    saga: name,
    eventId,
    problem,
  });
}
