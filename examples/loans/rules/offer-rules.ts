import type { Refusal } from '../errors.js';
import {
  createdOffer,
  type LoanState,
  newestOffer,
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
  /** What the newest offer must be. */
  readonly newest: readonly OfferStatus[];
  /** What the last created one must be, where the newest may be one selected after it. */
  readonly created?: readonly OfferStatus[];
  /** Somebody must be at one of these. */
  readonly during?: readonly Work[];
  /** Work that must have been scheduled before. */
  readonly work?: Work;
}

const out = ['sent', 'sentBack'] as const;

/**
 * Offers come one after the other: the next one may be selected while the last is still out with the
 * customer, but that must be cancelled before the next is created. None follows an accepted or a
 * declined one.
 */
const stepRules: Readonly<Record<OfferStep, StepRule>> = {
  selectOffer: { stages: ['accepted', 'finalized'], newest: ['none', ...out, 'cancelled'] },
  createOffer: { stages: ['finalized'], newest: ['selected'], created: ['none', 'cancelled'] },
  sendOffer: { stages: ['finalized'], newest: ['created'] },
  returnOffer: {
    stages: ['finalized'],
    newest: ['sent'],
    during: ['followUpOffer', 'followUpMissingDocuments'],
  },
  acceptOffer: { stages: ['finalized', 'granted'], newest: out, work: 'validateApplication' },
  declineOffer: { stages: ['finalized', 'declined'], newest: out, during: works },
  cancelOffer: {
    stages: ['finalized', 'cancelled'],
    newest: [...out, 'selected'],
    created: out,
  },
};

/** Why the offer may not take this step now; `undefined` if it may. */
export function offerRefusal(state: LoanState, step: OfferStep): Refusal | undefined {
  const { stages, newest, created, during, work } = stepRules[step];
  const { stage } = state;
  const working = workInProgress(state);
  if (!stages.includes(stage)) return { code: 'WRONG_STAGE', details: { stage } };
  if (!newest.includes(newestOffer(state).status)) {
    return { code: 'WRONG_OFFER_STATUS', details: newestOffer(state) };
  }
  if (created && !created.includes(state.offerStatus)) {
    return { code: 'WRONG_OFFER_STATUS', details: createdOffer(state) };
  }
  if (during && !(working && during.includes(working))) {
    return { code: 'WORK_NOT_STARTED', details: { works: [...during] } };
  }
  return work && !state.work[work] ? { code: 'WORK_NOT_SCHEDULED', details: { work } } : undefined;
}
