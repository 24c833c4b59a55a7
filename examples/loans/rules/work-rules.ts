import type { Refusal } from '../errors.js';
import {
  type LoanState,
  newestOffer,
  type OfferStatus,
  type Stage,
  type Work,
  type WorkStatus,
  workInProgress,
} from '../state.js';

export type WorkStep = 'scheduleWork' | 'startWork' | 'completeWork';

interface WorkRule {
  readonly scheduledIn: readonly Stage[];
  /** What it may be when it is scheduled again. */
  readonly againWhen: readonly WorkStatus[];
  /** What the newest offer must be when it is scheduled. */
  readonly offer: readonly OfferStatus[];
  readonly startedIn: readonly Stage[];
  /** It may be completed without being started, once. */
  readonly closable: boolean;
}

/**
 * At most one kind of work is in progress at a time. Completed work may be taken up again any number of
 * times, where `startedIn` says so even after the application has ended.
 */
const workRules: Readonly<Record<Work, WorkRule>> = {
  handleLead: {
    scheduledIn: ['partlySubmitted'],
    againWhen: ['completed'],
    offer: ['none'],
    startedIn: ['partlySubmitted'],
    closable: true,
  },
  completeApplication: {
    scheduledIn: ['partlySubmitted', 'preaccepted'],
    againWhen: ['scheduled', 'completed'],
    offer: ['none'],
    startedIn: ['preaccepted', 'accepted', 'finalized', 'cancelled'],
    closable: true,
  },
  // Scheduled again for each further offer, in the very session that makes it.
  followUpOffer: {
    scheduledIn: ['finalized'],
    againWhen: ['started'],
    offer: ['selected', 'sent'],
    startedIn: ['finalized', 'granted', 'cancelled'],
    closable: true,
  },
  followUpMissingDocuments: {
    scheduledIn: ['finalized'],
    againWhen: ['scheduled', 'started', 'completed'],
    offer: ['sent', 'sentBack'],
    startedIn: ['finalized', 'granted'],
    closable: true,
  },
  validateApplication: {
    scheduledIn: ['finalized'],
    againWhen: ['completed', 'closed'],
    offer: ['sentBack'],
    startedIn: ['finalized', 'granted'],
    closable: true,
  },
  assessFraud: {
    scheduledIn: ['partlySubmitted', 'preaccepted', 'finalized'],
    againWhen: ['completed'],
    offer: ['none', 'sentBack'],
    startedIn: ['partlySubmitted', 'preaccepted', 'finalized'],
    closable: false,
  },
  // Only asked for here; another department does it.
  changeContract: {
    scheduledIn: ['finalized', 'granted'],
    againWhen: ['scheduled'],
    offer: ['sent', 'sentBack', 'accepted'],
    startedIn: [],
    closable: false,
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
  const { scheduledIn, againWhen, offer } = workRules[work];
  const { stage } = state;
  const status = state.work[work];
  const newest = newestOffer(state);
  if (!scheduledIn.includes(stage)) return { code: 'WRONG_STAGE', details: { stage } };
  if (status && !againWhen.includes(status)) {
    return { code: 'ALREADY_SCHEDULED', details: { work, status } };
  }
  return offer.includes(newest.status)
    ? undefined
    : { code: 'WRONG_OFFER_STATUS', details: newest };
}

/** The same work may be started while it is in progress: somebody else takes over. */
function startRefusal(state: LoanState, work: Work): Refusal | undefined {
  const { stage } = state;
  if (!state.work[work]) return { code: 'WORK_NOT_SCHEDULED', details: { work } };
  if (!workRules[work].startedIn.includes(stage))
    return { code: 'WRONG_STAGE', details: { stage } };
  return otherWorkRefusal(state, work) ?? preparationRefusal(state);
}

/** Work in progress may always be completed; other work can be closed while nobody is at anything. */
function completeRefusal(state: LoanState, work: Work): Refusal | undefined {
  const { stage } = state;
  const status = state.work[work];
  if (status === 'started') return undefined;
  if (!status) return { code: 'WORK_NOT_SCHEDULED', details: { work } };
  if (status === 'closed') return { code: 'WORK_CLOSED', details: { work } };
  if (!workRules[work].closable) return { code: 'WORK_NOT_STARTED', details: { works: [work] } };
  if (stage === 'declined') return { code: 'WRONG_STAGE', details: { stage } };
  return otherWorkRefusal(state, work) ?? preparationRefusal(state);
}

function otherWorkRefusal(state: LoanState, work: Work): Refusal | undefined {
  const working = workInProgress(state);
  if (!working || working === work) return undefined;
  return { code: 'WORK_IN_PROGRESS', details: { work: working } };
}

/** Nobody turns to anything else before a selected offer is sent. */
function preparationRefusal(state: LoanState): Refusal | undefined {
  const { offer, status } = newestOffer(state);
  const isPrepared = status === 'selected' || status === 'created';
  return isPrepared ? { code: 'OFFER_IN_PREPARATION', details: { offer } } : undefined;
}
