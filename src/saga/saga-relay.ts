import type { Ask } from '../dispatcher/ask.js';
import type { Consumer, FeedEvent, Tell } from '../dispatcher/subscription.js';
import { runTasks, type Task } from '../dispatcher/task.js';
import { conversationOf } from '../messages/conversation.js';
import { streamKey } from '../messages/ids.js';
import type { KnownInstances } from './known-instances.js';
import type { Saga } from './saga.js';
import { STEPPED } from './saga-aggregate.js';
import {
  type Circumstances,
  outcomeInput,
  sendCommand,
  sendInput,
  stepInput,
} from './saga-calls.js';
import type { CommandFate } from './saga-input.js';
import { SagaMeter } from './saga-meter.js';
import type { SagaCommand } from './saga-state.js';
import type { Stepped } from './stepped.js';

/**
 * Sends the commands that steps have recorded, and hands each outcome to its instance. Both carry keys that
 * derive from the step: after a crash they are sent again and happen once. Tells what steps have logged, and
 * which instances have parked.
 */
export function sagaRelay(
  saga: Saga,
  ask: Ask,
  known: KnownInstances,
  meter = new SagaMeter(saga),
): Consumer {
  let tell: Tell = () => undefined;
  // What an instance sends to one aggregate instance arrives there in order.
  const taskOf = (event: FeedEvent, command: SagaCommand): Task => ({
    lane: `${event.id}\0${streamKey(command.storedAs, command.id)}`,
    run() {
      const sender = { ask, saga, id: event.id, fate: meter.fate };
      const relaying = circumstancesOf(saga, event);
      if (saga.time === 'wall') return relay(sender, command, relaying);
      return known.relayOnce(command.key, () => relayAndStep(sender, command, relaying));
    },
  });
  const tasks = (event: FeedEvent): readonly Task[] => {
    meter.step(event);
    tellOf(saga, event, tell);
    return (event.data as Stepped).commands.map((command) => taskOf(event, command));
  };
  return {
    name: `${saga.storedAs}/commands`,
    version: 1,
    filter: { aggregates: [saga.storedAs], types: { [saga.storedAs]: [STEPPED] } },
    fingerprint: '1',
    from: 'beginning',
    effects: 'batch',
    measures: ['sagaSteps', 'sagaCommands'],
    counts: (telemetry) => meter.countIn(telemetry),
    stands: (_standing, teller) => {
      tell = teller;
    },
    tasks,
    handle: (events) => runTasks(events.flatMap(tasks)),
  };
}

/** What an operator and the logger hear of a step, once it is stored. */
function tellOf({ name }: Saga, { id, data }: FeedEvent, tell: Tell): void {
  const { became, error, logs = [] } = data as Stepped;
  const who = `Saga ${name}, instance ${id}`;
  for (const { label, value } of logs)
    tell('info', `${who}: ${label === undefined ? '' : `${label}: `}${textOf(value)}`, undefined);
  if (became === 'parked') tell('error', `${who} is parked: ${error?.message ?? ''}`, error);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
}

/** An instance, and the way to whoever it sends commands to. */
export interface Sender {
  readonly ask: Ask;
  readonly saga: Saga;
  readonly id: string;
  /** Hears what became of each command. */
  fate?(kind: CommandFate['kind']): void;
}

/** When and in what conversation a command is sent, and its outcome heard. */
export type Relaying = Circumstances & { readonly sentAt: number };

/** Sends one command and hands its outcome to the instance. */
async function relay(sender: Sender, command: SagaCommand, relaying: Relaying): Promise<void> {
  const { ask, saga } = sender;
  await sendInput(ask, saga, await outcomeOf(sender, command, relaying), relaying);
}

/** As `relay`; gives the steps that the outcome comes to. */
export async function relayAndStep(
  sender: Sender,
  command: SagaCommand,
  relaying: Relaying,
): Promise<readonly Stepped[]> {
  const { ask, saga } = sender;
  return stepInput(ask, saga, await outcomeOf(sender, command, relaying), relaying);
}

async function outcomeOf(
  { ask, id, fate: heard }: Sender,
  command: SagaCommand,
  { sentAt: at, metadata }: Relaying,
) {
  const fate = await sendCommand(ask, command, { at, metadata });
  heard?.(fate.kind);
  return { id, ...outcomeInput(command, fate) };
}

/** A command happens when its step did; its outcome takes time only by the clock. */
export function circumstancesOf(
  { time }: Pick<Saga, 'time'>,
  { data, eventId, metadata }: Pick<FeedEvent, 'data' | 'eventId' | 'metadata'>,
): Relaying {
  const { at: sentAt } = data as Stepped;
  return {
    sentAt,
    at: time === 'event' ? sentAt : undefined,
    metadata: { causationId: eventId, ...conversationOf(metadata) },
  };
}
