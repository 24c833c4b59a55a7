// Deciders
export { derivedId as newIdOf } from '../actor/decide-context.js';
export { createMemoryStore, openMemoryStore } from '../store/memory-store.js';
// Stores and what they are made of
export type { Store } from '../store/store.js';
export { StoreUnavailable } from '../store/unavailable.js';
// A runtime in process
export { FakeClock } from './fake-clock.js';
export {
  always,
  type Fault,
  type FaultPlan,
  Faults,
  type Operation,
  once,
  type PlannedFault,
  type StoreCall,
  times,
} from './fault-plan.js';
export {
  type AnyFault,
  type AppendFailure,
  conflict,
  delay,
  fails,
  type Held,
  hold,
  losesAnswer,
  losesStatement,
  unavailable,
} from './faults.js';
// Faults
export { FaultyStore, faultyStore } from './faulty-store.js';
export type { GivenFor } from './feed.js';
export {
  type Given,
  type GivenEvent,
  type GivenOptions,
  given,
  type WhenOptions,
} from './given.js';
export {
  type GivenHandler,
  type GivenHandlerOptions,
  givenHandler,
  type HandlerCommand,
} from './given-handler.js';
export { type GivenProjection, givenProjection } from './given-projection.js';
export {
  type GivenSaga,
  type GivenSagaOptions,
  givenSaga,
  type OutcomeGiven,
  type SagaExpectation,
  type WhenFor,
} from './given-saga.js';
export { type GivenView, givenView } from './given-view.js';
export { type StoredAs, stored } from './history.js';
export type { DecidedCommand, Outcome } from './outcome.js';
export { sequentialIds } from './sequential-ids.js';
export { type TestRuntime, type TestRuntimeOptions, testRuntime } from './test-runtime.js';
