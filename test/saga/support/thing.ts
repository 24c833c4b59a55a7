import type { AnyStateMachine } from 'xstate';
import { z } from 'zod';
import { create } from '../../../src/aggregate/command-spec.js';
import { defineAggregate } from '../../../src/aggregate/define-aggregate.js';
import { defineSaga } from '../../../src/saga/define-saga.js';
import type { Saga } from '../../../src/saga/saga.js';

/** What the machines of tests hear of, and send commands to. */
export const thing = defineAggregate({
  name: 'thing',
  commands: { make: create(z.object({})), use: z.object({ times: z.int() }) },
  events: { made: z.object({ by: z.string() }), used: z.object({ times: z.int() }) },
  errors: { BROKEN: { number: 1, message: 'It is broken' } },
  initialState: {},
  decide: { make: () => [], use: () => [] },
  evolve: { made() {}, used() {} },
});

/** A saga around any machine: `made` starts it. */
export function sagaOf(machine: AnyStateMachine, options: object = {}): Saga {
  return defineSaga({
    name: 'test',
    version: 1,
    // The machines of tests have events of all kinds.
    machine: machine as never,
    on: [thing],
    correlate: (event) => event.id,
    starts: { 'thing.made': () => undefined },
    ...options,
  }) as unknown as Saga;
}
