import type { Refusal } from '../errors.js';
import {
  type LoanState,
  type OfferStatus,
  offerInPreparation,
  type Stage,
  type Work,
  workInProgress,
} from '../state.js';

export type WorkStep = 'scheduleWork' | 'startWork' | 'completeWork';

interface WorkRule {
  readonly scheduledIn: readonly Stage[];
  readonly startedIn: readonly Stage[];
  /** What the newest offer must be when the work is scheduled, if that matters. */
  readonly offer?: readonly OfferStatus[];
}

/**
 * At most one kind of work is in progress at a time. Work may be completed, taken up again and scheduled
 * again any number of times, even after the application has ended where `startedIn` says so.
 */
const workRules: Readonly<Record<Work, WorkRule>> = {
  handleLead: { scheduledIn: ['partlySubmitted'], startedIn: ['partlySubmitted'] },
  completeApplication: {
    scheduledIn: ['partlySubmitted', 'preaccepted'],
    startedIn: ['preaccepted', 'accepted', 'finalized', 'cancelled'],
  },
  followUpOffer: {
    scheduledIn: ['finalized'],
    startedIn: ['finalized', 'granted', 'cancelled'],
  },
  followUpMissingDocuments: {
    scheduledIn: ['finalized'],
    startedIn: ['finalized', 'granted'],
    offer: ['sent', 'sentBack'],
  },
  validateApplication: {
    scheduledIn: ['finalized'],
    startedIn: ['finalized', 'granted'],
    offer: ['sentBack'],
  },
  assessFraud: {
    scheduledIn: ['partlySubmitted', 'preaccepted', 'finalized'],
    startedIn: ['partlySubmitted', 'preaccepted', 'finalized'],
    offer: ['none', 'sentBack'],
  },
  // Only asked for here; another department does it.
  changeContract: {
    scheduledIn: ['finalized', 'granted'],
    startedIn: [],
    offer: ['sent', 'sentBack', 'accepted'],
  },
};

/** Why this work may not take this step now; `undefined` if it may. */
export function workRefusal(state: LoanState, step: WorkStep, work: Work): Refusal | undefined {
  switch (step) {
    case 'scheduleWork':
      return scheduleRefusal(state, work);
    case 'startWork':
      return startRefusal(state, work);
    case 'completeWork':
      return completeRefusal(state, work);
  }
}

function scheduleRefusal(state: LoanState, work: Work): Refusal | undefined {
  const { scheduledIn, offer: needed } = workRules[work];
  const { stage, offer, offerStatus: status } = state;
  if (!scheduledIn.includes(stage)) return { code: 'WRONG_STAGE', details: { stage } };
  if (needed && !needed.includes(status)) {
    return { code: 'WRONG_OFFER_STATUS', details: { offer, status } };
  }
  // The follow-up of an offer may be planned while the offer is being made.
  return work === 'followUpOffer' ? undefined : preparationRefusal(state);
}

function startRefusal(state: LoanState, work: Work): Refusal | undefined {
  const working = workInProgress(state);
  if (!state.work[work]) return { code: 'WORK_NOT_SCHEDULED', details: { work } };
  if (!workRules[work].startedIn.includes(state.stage)) {
    return { code: 'WRONG_STAGE', details: { stage: state.stage } };
  }
  // The same work may be started again: somebody else takes over.
  if (working && working !== work) return { code: 'WORK_IN_PROGRESS', details: { work: working } };
  return preparationRefusal(state);
}

/** Work in progress may always be completed; other work can be closed once, if nobody is at anything. */
function completeRefusal(state: LoanState, work: Work): Refusal | undefined {
  const status = state.work[work];
  if (status === 'started') return undefined;
  if (!status) return { code: 'WORK_NOT_SCHEDULED', details: { work } };
  if (status === 'closed') return { code: 'WORK_CLOSED', details: { work } };
  const working = workInProgress(state);
  if (working) return { code: 'WORK_IN_PROGRESS', details: { work: working } };
  return state.stage === 'declined'
    ? { code: 'WRONG_STAGE', details: { stage: state.stage } }
    : preparationRefusal(state);
}

function preparationRefusal(state: LoanState): Refusal | undefined {
  const offer = offerInPreparation(state);
  return offer ? { code: 'OFFER_IN_PREPARATION', details: { offer } } : undefined;
}
