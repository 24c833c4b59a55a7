import { type CommandOutcome, command, defineSaga, only } from 'troupe';
import { assign, setup } from 'xstate';
import { loanApplication } from '../loan-application.js';
import { followUpCall } from './follow-up-call.js';

const DAY_MS = 24 * 60 * 60 * 1000;
const MOST_CALLS = 3;

interface Offer {
  application: string;
  offer: number;
}

type Event = { type: 'ended' } | CommandOutcome<typeof followUpCall, 'schedule'>;

const machine = setup({
  types: {} as { context: Offer & { calls: number }; input: Offer; events: Event },
  guards: { mayCall: ({ context: { calls } }) => calls < MOST_CALLS },
  delays: { patience: 3 * DAY_MS },
  actions: {
    countCall: assign({ calls: ({ context: { calls } }) => calls + 1 }),
    scheduleCall: command(
      followUpCall,
      'schedule',
      ({ context: { application, offer, calls: call } }) => ({
        id: `${application}/${offer}/${call}`,
        data: { application, offer, call },
      }),
    ),
  },
}).createMachine({
  id: 'offer-follow-up',
  context: ({ input }) => ({ ...input, calls: 0 }),
  initial: 'waiting',
  on: { ended: '.done' },
  states: {
    waiting: {
      after: {
        patience: [
          {
            guard: 'mayCall',
            target: 'waiting',
            reenter: true,
            actions: ['countCall', 'scheduleCall'],
          },
          { target: 'givenUp' },
        ],
      },
    },
    givenUp: {}, // nobody calls any more, but the customer may still answer
    done: { type: 'final' },
  },
});

/** Has the customer called who leaves an offer unanswered, as long as the offer is out. */
export const offerFollowUp = defineSaga({
  name: 'offer-follow-up',
  version: 1,
  time: 'event', // the log is years old
  machine,
  on: [
    only(
      loanApplication,
      'offerSent',
      'offerSentBack',
      'offerAccepted',
      'offerDeclined',
      'offerCancelled',
      'approved',
      'declined',
      'cancelled',
    ),
  ],
  correlate: ({ id, data: { offer } }) => (offer === undefined ? undefined : `${id}/${offer}`),
  starts: {
    'loan-application.offerSent': ({ id, data }) => ({ application: id, offer: data.offer }),
  },
  toMachine: ({ type }) => (type === 'offerSent' ? undefined : { type: 'ended' }),
});
