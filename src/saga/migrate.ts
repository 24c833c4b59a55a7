import type { AnyMachineSnapshot, AnyStateMachine } from 'xstate';
import { toJson } from '../internal/json.js';
import { SetupError } from '../messages/errors.js';
import type { MachineState } from './machine-states.js';
import { restore } from './run-machine.js';
import type { Saga } from './saga.js';
import type { MachineSnapshot, MachineStamp, SagaState } from './saga-state.js';
import type { StepChanges } from './step-changes.js';

/** The machine and snapshot with which an instance goes on. */
export interface Resumed {
  readonly machine: AnyStateMachine;
  readonly snapshot: MachineSnapshot;
  /** Present where it was migrated. */
  readonly stamp?: MachineStamp;
}

/** Today's machine of a saga, with its stamp. */
export function currentMachine({ machines, version }: Saga) {
  const machine = machines.get(version) as AnyStateMachine;
  return { machine, stamp: { id: machine.id, version } };
}

/** Can an instance on this machine go on, on the same machine or migrated? */
export function canResume({ machines, migrate, version }: Saga, stamp: MachineStamp): boolean {
  return machines.has(stamp.version) || (migrate !== undefined && stamp.version < version);
}

/**
 * On the machine with which the instance began while that is registered, else migrated to today's. Throws
 * a `SetupError` with code `SagaVersionUnknown` if it can be neither.
 */
export function resume(saga: Saga, id: string, state: SagaState, changes: StepChanges): Resumed {
  const stamp = state.machine as MachineStamp;
  const snapshot = state.snapshot as MachineSnapshot;
  const registered = saga.machines.get(stamp.version);
  if (registered) return { machine: registered, snapshot };
  if (!canResume(saga, stamp)) throw versionUnknown(saga, id, stamp);
  return migrated(saga, state, changes);
}

function versionUnknown({ name, machines }: Saga, instance: string, { id, version }: MachineStamp) {
  const known = [...machines.keys()].sort((a, b) => a - b);
  return new SetupError(
    'SagaVersionUnknown',
    `Saga ${name}: instance ${instance} runs on machine ${id} of version ${version}, which is not registered (${known.join(', ')}): give it in previous, or migrate`,
    { saga: name, instance, machine: id, version, known },
  );
}

function migrated(saga: Saga, state: SagaState, changes: StepChanges): Resumed {
  const { machine, stamp } = currentMachine(saga);
  const old = state.snapshot as MachineSnapshot;
  const { version, id } = state.machine as MachineStamp;
  const { value, context } = old;
  const given = (saga.migrate as NonNullable<Saga['migrate']>)(
    copied({ version, machine: id, value, context }),
  );
  // Completes a value that names only the outer state, and throws for a state that is not there.
  const resolved = machine.resolveState({ value: given.value, context: given.context } as never);
  const children = keepPromises(resolved, state, changes);
  const { historyValue } = old;
  const persisted = { ...machine.getPersistedSnapshot(resolved), historyValue, children };
  const snapshot = copied(persisted) as unknown as MachineSnapshot;
  rearm(resolved, changes);
  restore(machine, snapshot);
  return { machine, snapshot, stamp };
}

function copied<Value>(value: Value): Value {
  return JSON.parse(toJson(value)) as Value;
}

/** Delays of states that it is in go on where both machines have them; others end or begin now. */
function rearm(snapshot: AnyMachineSnapshot, changes: StepChanges): void {
  const wanted = nodesOf(snapshot).flatMap((node) =>
    node.after.map(({ eventType, delay }) => ({ key: String(eventType), delay })),
  );
  const armed = new Set([...changes.armed].map(({ key }) => key));
  for (const key of armed)
    if (key.startsWith('xstate.after.') && !wanted.some((one) => one.key === key))
      changes.disarm(key);
  for (const { key, delay } of wanted)
    if (!armed.has(key)) changes.arm(key, delayOf(snapshot, delay), { type: key });
}

function delayOf({ machine, context }: AnyMachineSnapshot, delay: unknown): number {
  const declared =
    typeof delay === 'string'
      ? (machine as AnyStateMachine).implementations.delays[delay as never]
      : delay;
  const args = { context, event: { type: 'xstate.init' } };
  return Number(
    typeof declared === 'function' ? (declared as (a: object) => unknown)(args) : declared,
  );
}

/** Promises of states that it is in go on; others are not wanted any more, new ones begin now. */
function keepPromises(
  snapshot: AnyMachineSnapshot,
  state: SagaState,
  changes: StepChanges,
): object {
  const wanted = nodesOf(snapshot).flatMap(({ invoke }) => invoke);
  const running = new Set(Object.values(state.effects).map(({ invoke }) => invoke));
  for (const id of running)
    if (id !== undefined && !wanted.some((one) => one.id === id)) changes.stopInvoked(id);
  const children: Record<string, object> = {};
  for (const { id, src, input } of wanted) {
    const { context } = snapshot;
    const args = { context, event: { type: 'xstate.init' } };
    const given = typeof input === 'function' ? (input as (a: object) => unknown)(args) : input;
    const service = String(src);
    children[id] = { src: service, snapshot: { status: 'active', input: given } };
    if (!running.has(id))
      changes.run({ service, invoke: id, ...(given !== undefined && { input: copied(given) }) });
  }
  return children;
}

function nodesOf(snapshot: AnyMachineSnapshot): readonly MachineState[] {
  return snapshot._nodes as readonly MachineState[];
}
