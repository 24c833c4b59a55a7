import type { AnyActorRef, AnyStateMachine, ExecutableActionsFrom } from 'xstate';
import { describeIssues, validate } from '../aggregate/validate.js';
import { jsonProblem } from '../internal/json.js';
import { idProblem } from '../messages/ids.js';
import { COMMAND, type CommandTag } from './command.js';
import { EFFECT, type EffectTag } from './effect.js';
import type { MachineEvent } from './saga-input.js';
import { type RefusedAt, SagaRefused } from './saga-refused.js';
import { isService } from './service.js';
import type { StepChanges } from './step-changes.js';

/** What xstate gives of an action that it would run. */
export type MachineAction = ExecutableActionsFrom<AnyStateMachine>;

/** Where actions are taken from, and where what they do goes. */
export interface Taking {
  readonly machine: AnyStateMachine;
  /** Ids of the machine's `invoke`s. */
  readonly invokes: ReadonlySet<string>;
  readonly changes: StepChanges;
  /** Events that the machine sends to itself: it gets them when it has finished what it is about. */
  readonly toSelf: MachineEvent[];
  /** In which states it was when the step began. */
  readonly state: string;
}

interface Scheduled {
  readonly event: MachineEvent;
  readonly id?: string;
  readonly delay?: unknown;
}

/** Takes down what an action would do. Throws `SagaRefused` for what cannot be made durable. */
export function takeAction(taking: Taking, action: MachineAction): void {
  const { changes } = taking;
  const params = action.params as object | undefined;
  switch (action.type as string) {
    case 'xstate.raise':
      return takeRaise(taking, params as Scheduled);
    case 'xstate.sendTo':
      return takeSendTo(taking, action, params as Scheduled & { to: unknown });
    case 'xstate.cancel':
      return changes.disarm((params as { sendId: string }).sendId);
    case 'xstate.log':
      return takeLog(taking, params as { label?: string; value: unknown });
    case 'xstate.spawnChild':
      return takeInvoke(taking, params as Parameters<typeof takeInvoke>[1]);
    case 'xstate.stopChild':
      // Absent where the child has been stopped already.
      if (params) changes.stopInvoked((params as AnyActorRef).id);
      return;
    default:
      return takeOwn(taking, action);
  }
}

function takeRaise(taking: Taking, { event, id, delay }: Scheduled): void {
  if (delay !== undefined) return arm(taking, { event, delay, ...(id !== undefined && { id }) });
  // With no delay the machine has got it by now. An id is for a delay, which gave nothing.
  if (id !== undefined) throw refusedAt(taking, id, badDelay(delay));
}

function takeSendTo(
  taking: Taking,
  { info }: MachineAction,
  scheduled: Scheduled & { readonly to: unknown },
): void {
  if (scheduled.to !== info.self)
    throw refusedAt(taking, 'sendTo', 'it may send events only to itself');
  if (scheduled.delay !== undefined) return arm(taking, scheduled);
  if (scheduled.id !== undefined) throw refusedAt(taking, scheduled.id, badDelay(undefined));
  taking.toSelf.push(asJson(taking, scheduled.event.type, scheduled.event));
}

function arm(taking: Taking, { event, id, delay }: Scheduled): void {
  if (typeof delay !== 'number' || !Number.isFinite(delay))
    throw refusedAt(taking, id ?? event.type, badDelay(delay));
  const json = asJson(taking, event.type, event);
  const { changes } = taking;
  changes.arm(id === undefined ? undefined : asJson(taking, event.type, id), delay, json);
}

function badDelay(delay: unknown): string {
  return `expected its delay to be a number of milliseconds, got ${String(delay)}`;
}

function takeLog({ changes }: Taking, { label, value }: { label?: string; value: unknown }): void {
  const plain = jsonProblem(value) ? String(value) : value;
  changes.logs.push({ label, value: plain });
}

function takeInvoke(
  taking: Taking,
  { id, src, input }: { readonly id: string; readonly src: string; readonly input?: unknown },
): void {
  if (typeof src !== 'string' || !taking.invokes.has(id))
    throw refusedAt(taking, 'spawnChild', 'it may not spawn actors: use invoke, or effect(...)');
  const service = asJson(taking, src, input ?? null);
  taking.changes.run({ service: src, invoke: id, ...(service !== null && { input: service }) });
}

/** What is neither xstate's nor ours would have to run now, and might run again. */
function takeOwn(taking: Taking, action: MachineAction): void {
  const tagged = (action.exec ?? {}) as { [COMMAND]?: CommandTag; [EFFECT]?: EffectTag };
  if (tagged[COMMAND]) return takeCommand(taking, action, tagged[COMMAND]);
  if (tagged[EFFECT]) return takeEffect(taking, action, tagged[EFFECT]);
  throw refusedAt(taking, action.type, notDurable(action.type));
}

/** Why an action of this name is refused. */
export function notDurable(name: string): string {
  return `${name} is code that runs inside of the machine: what it does is lost or repeated when the process ends. Use command(...), effect(...), or a service that the machine invokes`;
}

function takeCommand(taking: Taking, { info, params }: MachineAction, tag: CommandTag): void {
  const { definition, type } = tag;
  const name = `${definition.name}.${type}`;
  const { id, data } = tag.address(info as never, params as never);
  const problem = idProblem(id);
  if (problem) throw refusedAt(taking, name, `id: ${problem}`);
  const spec = definition.commands[type];
  const json = asJson(taking, name, data ?? null);
  const parsed = spec ? validate(spec.schema, json) : undefined;
  if (parsed?.ok === false) throw refusedAt(taking, name, describeIssues(parsed.issues));
  const { storedAs } = definition;
  taking.changes.send({ aggregate: definition.name, storedAs, id, type, data: json });
}

function takeEffect(taking: Taking, { info, params }: MachineAction, tag: EffectTag): void {
  const { service } = tag;
  if (!isService(taking.machine.implementations.actors[service]))
    throw refusedAt(taking, service, `no service ${service} is declared in setup({ actors })`);
  const input = asJson(taking, service, tag.input?.(info as never, params as never) ?? null);
  taking.changes.run({ service, ...(input !== null && { input }) });
}

/** A copy that shares nothing with the machine. */
function asJson<Value>(taking: Taking, action: string, value: Value): Value {
  const problem = jsonProblem(value);
  if (problem)
    throw refusedAt(
      taking,
      action,
      `what it gives must be plain JSON: ${problem.path || 'it'} is ${problem.found}`,
    );
  return JSON.parse(JSON.stringify(value)) as Value;
}

export function refusedAt(
  { machine, state }: Taking,
  action: string,
  problem: string,
): SagaRefused {
  const at: RefusedAt = { machine: machine.id, state, action };
  return new SagaRefused(at, problem);
}
