import type { Refusal } from '../errors.js';
import {
  type Grant,
  type LoanState,
  type OfferStatus,
  offerInPreparation,
  type Stage,
  type Work,
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
  /** How the offer may have ended by then, if it is not still out: an end agrees with the offer's end. */
  readonly offerEnd?: OfferStatus;
  readonly grant?: Grant;
}

const undecided = ['partlySubmitted', 'preaccepted', 'accepted', 'finalized'] as const;
const granting = {
  from: ['finalized', 'granted'],
  work: 'validateApplication',
  offerEnd: 'accepted',
} as const;

const stepRules: Readonly<Record<ApplicationStep, StepRule>> = {
  submitPartly: { from: ['submitted'] },
  preaccept: { from: ['partlySubmitted'] },
  accept: { from: ['preaccepted'], work: 'completeApplication' },
  finalize: { from: ['accepted'], work: 'completeApplication' },
  decline: { from: undecided, offerEnd: 'declined' },
  cancel: { from: undecided, offerEnd: 'cancelled' },
  approve: { ...granting, grant: 'approved' },
  register: { ...granting, grant: 'registered' },
  activate: { ...granting, grant: 'activated' },
};

/** Why the application may not take this step now; `undefined` if it may. */
export function applicationRefusal(state: LoanState, step: ApplicationStep): Refusal | undefined {
  const { from, work, offerEnd, grant } = stepRules[step];
  if (!from.includes(state.stage)) return { code: 'WRONG_STAGE', details: { stage: state.stage } };
  if (grant && state.grants.includes(grant)) return { code: 'ALREADY_GRANTED', details: { grant } };
  if (work && !state.work[work]) return { code: 'WORK_NOT_SCHEDULED', details: { work } };
  return offerEnd && endRefusal(state, offerEnd);
}

/** An application ends with its offer out with the customer or ended alike; before `finalized` there is none. */
function endRefusal(state: LoanState, offerEnd: OfferStatus): Refusal | undefined {
  const { offer, offerStatus: status } = state;
  const preparing = offerInPreparation(state);
  if (preparing) return { code: 'OFFER_IN_PREPARATION', details: { offer: preparing } };
  const needsOffer = state.stage === 'finalized' || state.stage === 'granted';
  const fits = needsOffer ? ['sent', 'sentBack', offerEnd].includes(status) : status === 'none';
  return fits ? undefined : { code: 'WRONG_OFFER_STATUS', details: { offer, status } };
}
