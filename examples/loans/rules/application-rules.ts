import type { Refusal } from '../errors.js';
import {
  type Grant,
  type LoanState,
  newestOffer,
  type OfferStatus,
  type Stage,
  type Work,
  workInProgress,
} from '../state.js';

export type ApplicationStep =
  | 'submitPartly'
  | 'preaccept'
  | 'accept'
  | 'finalize'
  | 'decline'
  | 'cancel'
  | 'approve'
  | 'register'
  | 'activate';

interface StepRule {
  readonly from: readonly Stage[];
  /** Work that must have been scheduled before. */
  readonly work?: Work;
  /** If somebody is at work, it must be at one of these. */
  readonly during?: readonly Work[];
  /** How the offer may have ended by then, if it is not still out: an end agrees with the offer's end. */
  readonly offerEnd?: OfferStatus;
  readonly grant?: Grant;
}

const undecided = ['partlySubmitted', 'preaccepted', 'accepted', 'finalized'] as const;
const granting = {
  from: ['finalized', 'granted'],
  work: 'validateApplication',
  during: ['validateApplication', 'followUpMissingDocuments'],
  offerEnd: 'accepted',
} as const;

const stepRules: Readonly<Record<ApplicationStep, StepRule>> = {
  submitPartly: { from: ['submitted'] },
  preaccept: { from: ['partlySubmitted'], during: ['handleLead'] },
  accept: { from: ['preaccepted'], work: 'completeApplication', during: ['completeApplication'] },
  finalize: { from: ['accepted'] },
  decline: { from: undecided, offerEnd: 'declined' },
  cancel: { from: undecided, offerEnd: 'cancelled' },
  approve: { ...granting, grant: 'approved' },
  register: { ...granting, grant: 'registered' },
  activate: { ...granting, grant: 'activated' },
};

/** Why the application may not take this step now; `undefined` if it may. */
export function applicationRefusal(state: LoanState, step: ApplicationStep): Refusal | undefined {
  const { from, work, during, offerEnd, grant } = stepRules[step];
  const working = workInProgress(state);
  if (!from.includes(state.stage)) return { code: 'WRONG_STAGE', details: { stage: state.stage } };
  if (grant && state.grants.includes(grant)) return { code: 'ALREADY_GRANTED', details: { grant } };
  if (work && !state.work[work]) return { code: 'WORK_NOT_SCHEDULED', details: { work } };
  if (working && during && !during.includes(working)) {
    return { code: 'WORK_IN_PROGRESS', details: { work: working } };
  }
  return offerEnd && endRefusal(state, offerEnd);
}

/** An application ends with its offer out or ended alike; before it is finalized there is none. */
function endRefusal(state: LoanState, offerEnd: OfferStatus): Refusal | undefined {
  const mayHaveOffer = state.stage === 'finalized' || state.stage === 'granted';
  const allowed = mayHaveOffer ? ['sent', 'sentBack', offerEnd] : ['none'];
  const newest = newestOffer(state);
  return allowed.includes(newest.status)
    ? undefined
    : { code: 'WRONG_OFFER_STATUS', details: newest };
}
