import type { Ask } from '../dispatcher/ask.js';
import type { Consumer, FeedEvent } from '../dispatcher/subscription.js';
import { runTasks, type Task } from '../dispatcher/task.js';
import { backoffMs } from '../internal/backoff.js';
import { jsonProblem } from '../internal/json.js';
import { toPlainError } from '../messages/plain-error.js';
import type { Saga } from './saga.js';
import { STEPPED } from './saga-aggregate.js';
import { sendInput, stateOf } from './saga-calls.js';
import type { EffectResult } from './saga-input.js';
import { SagaMeter } from './saga-meter.js';
import { circumstancesOf, type Sender } from './saga-relay.js';
import type { SagaEffect } from './saga-state.js';
import { isService, runService } from './service.js';
import type { Stepped } from './stepped.js';

const ATTEMPTS = 5;
const PAUSE = { firstMs: 100, maxMs: 5000 };
/** Longest time that one attempt is waited for. Milliseconds. */
const ATTEMPT_MS = 60_000;

/** Results of effects that run in this process, by key: one that is asked for again meanwhile is not run twice. */
type Running = Map<string, Promise<EffectResult>>;

/** Runs the effects that steps have recorded, each at least once, and hands its result to the instance. */
export function sagaEffects(saga: Saga, ask: Ask): Consumer {
  const running: Running = new Map();
  const meter = new SagaMeter(saga);
  const taskOf = (event: FeedEvent, effect: SagaEffect): Task => ({
    lane: effect.key,
    isLong: true,
    async run() {
      if (!(await isWanted({ ask, saga, id: event.id }, effect))) return;
      const result = await runningOnce(running, effect.key, () => resultOf(saga, effect));
      meter.effect(result.ok ? 'succeeded' : 'failed');
      const input = { kind: 'effect', key: effect.key, result } as const;
      const to = { id: event.id, input, key: `effect/${effect.key}/${event.version}` };
      await sendInput(ask, saga, to, circumstancesOf(saga, event));
    },
  });
  const tasks = (event: FeedEvent): readonly Task[] =>
    (event.data as Stepped).effects.map((effect) => taskOf(event, effect));
  return {
    name: `${saga.storedAs}/effects`,
    version: 1,
    filter: { aggregates: [saga.storedAs], types: { [saga.storedAs]: [STEPPED] } },
    fingerprint: '1',
    from: 'beginning',
    effects: 'batch',
    measures: ['sagaEffects'],
    counts: (telemetry) => meter.countIn(telemetry),
    tasks,
    handle: (events) => runTasks(events.flatMap(tasks)),
  };
}

/**
 * Does the instance still wait for it? One whose result it has need not run again when its step does; this spares
 * most of those that a crash would repeat.
 */
async function isWanted({ ask, saga, id }: Sender, { key }: SagaEffect): Promise<boolean> {
  const state = await stateOf(ask, saga, id);
  return Object.hasOwn(state.effects, key);
}

function runningOnce(
  running: Running,
  key: string,
  run: () => Promise<EffectResult>,
): Promise<EffectResult> {
  const underWay = running.get(key);
  if (underWay) return underWay;
  const result = run().finally(() => running.delete(key));
  running.set(key, result);
  return result;
}

async function resultOf(saga: Saga, effect: SagaEffect): Promise<EffectResult> {
  for (let attempt = 1; ; attempt++) {
    try {
      return { ok: true, ...(await runOnce(saga, effect)) };
    } catch (error) {
      if (attempt >= ATTEMPTS) return { ok: false, error: toPlainError(error) };
      await new Promise((resolve) => setTimeout(resolve, backoffMs(PAUSE, attempt)));
    }
  }
}

async function runOnce(
  saga: Saga,
  { key, service, input }: SagaEffect,
): Promise<{ readonly output?: unknown }> {
  const logic = serviceNamed(saga, service);
  const signal = AbortSignal.timeout(ATTEMPT_MS);
  const output = await Promise.race([runService(logic, input, { key, signal }), aborted(signal)]);
  if (output === undefined) return {};
  const problem = jsonProblem(output);
  if (problem)
    throw new TypeError(
      `Service ${service}: expected plain JSON, but ${problem.path || 'its result'} is ${problem.found}`,
    );
  return { output };
}

/** Of the newest machine that declares it: an instance on an older one may still ask for it. */
function serviceNamed({ name, machines }: Saga, service: string) {
  for (const [, machine] of [...machines].sort(([a], [b]) => b - a)) {
    const logic = machine.implementations.actors[service];
    if (isService(logic)) return logic;
  }
  throw new TypeError(`Saga ${name} has no service ${service} any more`);
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}
