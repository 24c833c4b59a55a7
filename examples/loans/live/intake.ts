import { type CommandOutcome, command, defineSaga, only } from 'troupe';
import { assign, setup } from 'xstate';
import { creditBureau } from './credit-bureau.js';
import { customerFile } from './customer-file.js';

const PATIENCE_MS = 8_000;
const MOST_REMINDERS = 2;

interface Intake {
  file: string;
  amount: number;
}

type Event =
  | { type: 'completed' }
  | { type: 'withdrawn' }
  | CommandOutcome<typeof creditBureau, 'score'>
  | CommandOutcome<typeof customerFile, 'remind'>;

const machine = setup({
  types: {} as { context: Intake & { reminders: number }; input: Intake; events: Event },
  guards: { mayRemind: ({ context: { reminders } }) => reminders < MOST_REMINDERS },
  delays: { patience: PATIENCE_MS },
  actions: {
    askBureau: command(creditBureau, 'score', ({ context: { file, amount } }) => ({
      id: 'bureau',
      data: { application: file, amount },
    })),
    remind: command(customerFile, 'remind', ({ context: { file } }) => ({ id: file, data: {} })),
    countReminder: assign({ reminders: ({ context: { reminders } }) => reminders + 1 }),
  },
}).createMachine({
  id: 'intake',
  context: ({ input }) => ({ ...input, reminders: 0 }),
  initial: 'checking',
  on: { withdrawn: '.withdrawn' },
  states: {
    checking: {
      type: 'parallel',
      states: {
        credit: {
          initial: 'asking',
          states: {
            asking: {
              entry: 'askBureau',
              on: {
                'credit-bureau.score.accepted': 'scored',
                'credit-bureau.score.*': 'unknown',
              },
            },
            scored: { type: 'final' },
            unknown: { type: 'final' },
          },
        },
        papers: {
          initial: 'waiting',
          states: {
            waiting: {
              on: { completed: 'complete' },
              after: {
                patience: [{ guard: 'mayRemind', target: 'reminding' }, { target: 'incomplete' }],
              },
            },
            reminding: {
              entry: ['countReminder', 'remind'],
              on: {
                completed: 'complete',
                'customer-file.remind.accepted': 'waiting',
                'customer-file.remind.*': 'incomplete',
              },
            },
            complete: { type: 'final' },
            incomplete: { type: 'final' },
          },
        },
      },
      onDone: 'checked',
    },
    checked: { type: 'final' },
    withdrawn: { type: 'final' },
  },
});

/** Checks an applicant of the live load: the credit and the papers, side by side, by the clock. */
export const intake = defineSaga({
  name: 'intake',
  version: 1,
  machine,
  on: [only(customerFile, 'opened', 'completed')],
  correlate: ({ id }) => id,
  starts: { 'customer-file.opened': ({ id, data }) => ({ file: id, amount: data.amount }) },
  toMachine: ({ type }) => (type === 'completed' ? { type: 'completed' } : undefined),
  cancel: { type: 'withdrawn' },
});
