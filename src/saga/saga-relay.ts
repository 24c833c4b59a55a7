import type { Ask } from '../dispatcher/ask.js';
import type { Consumer, FeedEvent, Tell } from '../dispatcher/subscription.js';
import { conversationOf } from '../messages/conversation.js';
import { streamKey } from '../messages/ids.js';
import type { KnownInstances } from './known-instances.js';
import { Lanes } from './lanes.js';
import type { Saga } from './saga.js';
import { STEPPED } from './saga-aggregate.js';
import { type Circumstances, outcomeInput, sendCommand, sendInput } from './saga-calls.js';
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
    async handle(events) {
      const lanes = new Lanes();
      // What an instance sends to one aggregate instance arrives there in order.
      for (const event of events)
        for (const command of (event.data as Stepped).commands)
          lanes.run(`${event.id}\0${streamKey(command.storedAs, command.id)}`, () => {
            const sender = { ask, saga, id: event.id, fate: meter.fate };
            const send = () => relay(sender, command, circumstancesOf(saga, event));
            return saga.time === 'event' ? known.relayOnce(command.key, send) : send();
          });
      await lanes.done();
      for (const event of events) {
        meter.step(event);
        tellOf(saga, event, tell);
      }
    },
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

/** Sends one command and gives the steps that its outcome comes to. */
export async function relay(
  { ask, saga, id, fate: heard }: Sender,
  command: SagaCommand,
  circumstances: Circumstances & { readonly sentAt: number },
): Promise<readonly Stepped[]> {
  const { sentAt, metadata } = circumstances;
  const fate = await sendCommand(ask, command, { at: sentAt, metadata });
  heard?.(fate.kind);
  return sendInput(ask, saga, { id, ...outcomeInput(command, fate) }, circumstances);
}

/** A command happens when its step did; its outcome takes time only by the clock. */
export function circumstancesOf(
  { time }: Pick<Saga, 'time'>,
  { data, eventId, metadata }: Pick<FeedEvent, 'data' | 'eventId' | 'metadata'>,
): Circumstances & { readonly sentAt: number } {
  const { at: sentAt } = data as Stepped;
  return {
    sentAt,
    at: time === 'event' ? sentAt : undefined,
    metadata: { causationId: eventId, ...conversationOf(metadata) },
  };
}
