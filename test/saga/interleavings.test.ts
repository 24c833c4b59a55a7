import fc from 'fast-check';
import { expect, it } from 'vitest';
import { assign, raise, setup } from 'xstate';
import { command } from '../../src/saga/command.js';
import { evolveSaga } from '../../src/saga/evolve-saga.js';
import type { CommandOutcome } from '../../src/saga/outcome-event.js';
import type { SagaInput } from '../../src/saga/saga-input.js';
import { NEW_SAGA, nextDue, type SagaState } from '../../src/saga/saga-state.js';
import { stepSaga } from '../../src/saga/step-saga.js';
import { Instance, NOON } from './support/instance.js';
import { sagaOf, thing } from './support/thing.js';

/*
 * Each `order` sends a command and, after 50 ms without an answer, sends another, up to three. What is
 * told by a plain loop over the same inputs must be what the machine, restored at each step, has done.
 */
const machine = setup({
  types: {} as {
    context: { tries: number; done: number; gaveUp: number };
    events: { type: 'order' } | { type: 'halt' } | CommandOutcome<typeof thing, 'use'>;
  },
  actions: {
    use: command(thing, 'use', ({ context }) => ({ id: 'x', data: { times: context.tries } })),
    count: assign({ tries: ({ context }) => context.tries + 1 }),
    done: assign({ tries: 0, done: ({ context }) => context.done + 1 }),
    gaveUp: assign({ tries: 0, gaveUp: ({ context }) => context.gaveUp + 1 }),
  },
  guards: { tired: ({ context }) => context.tries >= 3 },
}).createMachine({
  id: 'retrying',
  context: { tries: 0, done: 0, gaveUp: 0 },
  initial: 'idle',
  on: { halt: '.halted' },
  states: {
    idle: { on: { order: 'trying' } },
    trying: {
      entry: ['count', 'use'],
      after: {
        50: [
          { guard: 'tired', target: 'idle', actions: 'gaveUp' },
          { target: 'trying', reenter: true },
        ],
      },
      on: { 'thing.use.accepted': { target: 'idle', actions: 'done' } },
    },
    halted: { entry: raise({ type: 'halt' }, { delay: 5 }), type: 'final' },
  },
});
const saga = sagaOf(machine);

type Move =
  | { readonly do: 'order' | 'halt' | 'stale' }
  | { readonly do: 'answer'; readonly which: number }
  | { readonly do: 'pass'; readonly ms: number };

const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ do: 'order' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'halt' as const }) },
  { weight: 2, arbitrary: fc.constant({ do: 'stale' as const }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('answer' as const), which: fc.nat(9) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.nat(120) }) },
);

/** What it should be, without machines, timers or steps. */
class Model {
  state: 'idle' | 'trying' | 'halted' = 'idle';
  readonly context = { tries: 0, done: 0, gaveUp: 0 };
  sent: number[] = [];
  due = 0;
  now = NOON;

  order(): void {
    if (this.state === 'idle') this.try();
  }

  try(): void {
    this.state = 'trying';
    this.context.tries += 1;
    this.sent.push(this.context.tries);
    this.due = this.now + 50;
  }

  answered(): void {
    if (this.state !== 'trying') return;
    this.state = 'idle';
    this.context.tries = 0;
    this.context.done += 1;
  }

  pass(ms: number): void {
    const end = this.now + ms;
    while (this.state === 'trying' && this.due <= end) {
      this.now = this.due;
      if (this.context.tries < 3) this.try();
      else {
        this.state = 'idle';
        this.context.tries = 0;
        this.context.gaveUp += 1;
      }
    }
    this.now = end;
  }
}

it('does what a sequential model does, whatever order inputs come in, and twice', () => {
  fc.assert(
    fc.property(fc.array(move, { maxLength: 40 }), (moves) => {
      const restored = new Instance(saga); // through JSON at each step
      const live = { state: NEW_SAGA as SagaState }; // never
      const model = new Model();
      const sent: unknown[] = [];
      const outstanding: string[] = [];
      const fired: { key: string; generation: number }[] = [];

      const give = (input: SagaInput) => {
        const before = restored.state;
        const result = restored.take(input);
        const again = stepSaga(saga, { id: 'one', state: live.state }, input, restored.now);
        expect(again.steps).toEqual(result.steps);
        live.state = again.state;
        expect(restored.state).toEqual(JSON.parse(JSON.stringify(live.state)));
        expect(result.steps.reduce(evolveSaga, before)).toEqual(result.state);
        for (const { commands, timersSet } of result.steps) {
          sent.push(...commands.map(({ data }) => (data as { times: number }).times));
          outstanding.push(...commands.map(({ key }) => key));
          fired.push(...timersSet);
        }
        return result;
      };

      const stale = () => {
        for (const { key, generation } of fired) {
          if (restored.state.timers[key]?.generation === generation) continue;
          expect(give({ kind: 'timer', key, generation }).noTrace).toBe('unarmed');
        }
      };
      const pass = (ms: number) => {
        const end = restored.now + ms;
        for (let next = nextDue(restored.state); next; next = nextDue(restored.state)) {
          if (next.due > end) break;
          restored.now = next.due;
          give({ kind: 'timer', key: next.key, generation: next.generation });
        }
        restored.now = end;
      };

      give({ kind: 'event', source: 's', at: NOON, start: {} });
      for (const one of moves) {
        switch (one.do) {
          case 'order':
            give({ kind: 'event', source: 'o', at: restored.now, event: { type: 'order' } });
            model.order();
            break;
          case 'halt':
            give({ kind: 'sent', event: { type: 'halt' } });
            model.state = 'halted';
            break;
          case 'answer': {
            const key = outstanding[one.which % Math.max(1, outstanding.length)] ?? 'none';
            const known = key in restored.state.commands;
            const outcome = { kind: 'accepted' as const, version: 1 };
            const { noTrace } = give({ kind: 'outcome', key, outcome });
            expect(noTrace === 'answered').toBe(!known);
            if (known) model.answered();
            break;
          }
          case 'stale':
            stale();
            break;
          case 'pass': {
            pass(one.ms);
            model.pass(one.ms);
          }
        }
        expect(restored.value).toBe(model.state);
        expect(restored.dueIn).toEqual(model.state === 'trying' ? [model.due - model.now] : []);
        if (model.state === 'halted') continue;
        expect(restored.context).toEqual(model.context);
        expect(sent).toEqual(model.sent);
      }
    }),
    { numRuns: 150 },
  );
});
