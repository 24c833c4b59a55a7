import type { Json, PlainError, SagaCounts } from './answers.js';

/** A saga, and how many of its instances are how far. */
export interface Saga extends SagaCounts {
  readonly version: number;
  /** What moves the time of an instance: the clock, or the events that it gets. */
  readonly time: 'wall' | 'event';
}

/** In which states a machine is: a name, or nested names by region. */
export type MachineValue = string | { readonly [region: string]: MachineValue } | null;

export interface ArmedTimer {
  readonly key: string;
  readonly generation: number;
  readonly due: number;
  readonly event: { readonly type: string };
}

export interface OutstandingCommand {
  readonly key: string;
  readonly aggregate: string;
  readonly id: string;
  readonly type: string;
}

export interface Effect {
  readonly key: string;
  readonly service: string;
  readonly invoke?: string;
}

export interface SagaItem {
  readonly id: string;
  readonly status: 'new' | 'active' | 'parked' | 'done' | 'cancelled';
  readonly step: number;
  /** The instance's own time. */
  readonly time: number;
  readonly value: MachineValue;
  readonly machine: { readonly id: string; readonly version: number } | null;
  readonly timers: readonly ArmedTimer[];
  readonly commands: readonly OutstandingCommand[];
  readonly effects: readonly Effect[];
  readonly held: readonly Json[];
  readonly ignored: number;
  readonly late: number;
  readonly cancelling: boolean;
  readonly error: PlainError | null;
  readonly startedAt: number;
}

export interface SagaInstance extends Omit<SagaItem, 'startedAt'> {
  readonly context: Json;
  readonly output: Json;
}

/** One step of an instance, and what it caused. */
export interface SagaStep {
  readonly step: number;
  readonly at: number;
  readonly input: { readonly kind: string; readonly [field: string]: Json };
  readonly became: 'moved' | 'ignored' | 'late' | 'parked' | 'held' | 'dropped';
  readonly status: string;
  readonly snapshot?: { readonly value: MachineValue };
  readonly commands: readonly OutstandingCommand[];
  readonly timersSet: readonly ArmedTimer[];
  readonly timersCancelled: readonly { readonly key: string }[];
  readonly effects: readonly Effect[];
  readonly error?: PlainError;
  readonly position: number;
}

/** A state of a machine, with those inside of it. */
export interface MachineState {
  /** From the root down, joined by dots; empty for the root. */
  readonly path: string;
  readonly name: string;
  readonly kind: 'atomic' | 'compound' | 'parallel' | 'final' | 'history';
  readonly initial?: string;
  readonly entry: readonly string[];
  readonly exit: readonly string[];
  readonly services: readonly string[];
  readonly transitions: readonly Transition[];
  readonly states: readonly MachineState[];
}

export interface Transition {
  readonly kind: 'event' | 'after' | 'always' | 'done' | 'error';
  readonly on?: string;
  readonly delayMs?: number;
  readonly guard?: string;
  readonly targets: readonly string[];
  readonly actions: readonly string[];
}

export interface Machine {
  readonly saga: string;
  readonly version: number;
  readonly id: string;
  readonly root: MachineState;
}
