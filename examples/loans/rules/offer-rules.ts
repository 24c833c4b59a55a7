import type { Refusal } from '../errors.js';
import {
  type LoanState,
  type OfferStatus,
  type Stage,
  type Work,
  workInProgress,
  works,
} from '../state.js';

export type OfferStep =
  | 'selectOffer'
  | 'createOffer'
  | 'sendOffer'
  | 'returnOffer'
  | 'acceptOffer'
  | 'declineOffer'
  | 'cancelOffer';

interface StepRule {
  readonly stages: readonly Stage[];
  /** What the newest created offer must be. */
  readonly status: readonly OfferStatus[];
  /** Somebody must be at one of these. */
  readonly during?: readonly Work[];
  /** Work that must have been scheduled before. */
  readonly work?: Work;
}

const out = ['sent', 'sentBack'] as const;

/** An offer that is out ends before the next one is created, and no offer follows an accepted or declined one. */
const stepRules: Readonly<Record<OfferStep, StepRule>> = {
  selectOffer: { stages: ['accepted', 'finalized'], status: ['none', ...out, 'cancelled'] },
  createOffer: { stages: ['finalized'], status: ['none', 'cancelled'] },
  sendOffer: { stages: ['finalized'], status: ['created'] },
  returnOffer: {
    stages: ['finalized'],
    status: ['sent'],
    during: ['followUpOffer', 'followUpMissingDocuments'],
  },
  acceptOffer: { stages: ['finalized', 'granted'], status: out, work: 'validateApplication' },
  declineOffer: { stages: ['finalized', 'declined'], status: out, during: works },
  cancelOffer: { stages: ['finalized', 'cancelled'], status: out },
};

/** Why the offer may not take this step now; `undefined` if it may. */
export function offerRefusal(state: LoanState, step: OfferStep): Refusal | undefined {
  const { stages, status, during, work } = stepRules[step];
  const { stage, offer, offerStatus } = state;
  if (!stages.includes(stage)) return { code: 'WRONG_STAGE', details: { stage } };
  if (!status.includes(offerStatus)) {
    return { code: 'WRONG_OFFER_STATUS', details: { offer, status: offerStatus } };
  }
  const working = workInProgress(state);
  if (during && !(working && during.includes(working))) {
    return { code: 'WORK_NOT_STARTED', details: { works: [...during] } };
  }
  if (work && !state.work[work]) return { code: 'WORK_NOT_SCHEDULED', details: { work } };
  return selectionRefusal(state, step);
}

/** A selected offer must be created before anything else but the end of the one it replaces. */
function selectionRefusal(state: LoanState, step: OfferStep): Refusal | undefined {
  const { offer, nextSelected } = state;
  if (step === 'createOffer') {
    return nextSelected ? undefined : { code: 'NO_OFFER_SELECTED', details: { offer } };
  }
  if (!nextSelected || step === 'cancelOffer') return undefined;
  return { code: 'OFFER_IN_PREPARATION', details: { offer: offer + 1 } };
}
