/** How far an application has come. `granted`, `declined` and `cancelled` are the ends. */
export const stages = [
  'submitted',
  'partlySubmitted',
  'preaccepted',
  'accepted',
  'finalized',
  'granted',
  'declined',
  'cancelled',
] as const;
export type Stage = (typeof stages)[number];

/** The three confirmations of a granted loan; they come in any order. */
export const grants = ['approved', 'registered', 'activated'] as const;
export type Grant = (typeof grants)[number];

export const offerStatuses = [
  'none',
  'selected',
  'created',
  'sent',
  'sentBack',
  'accepted',
  'declined',
  'cancelled',
] as const;
export type OfferStatus = (typeof offerStatuses)[number];

/** The kinds of work people do on an application. */
export const works = [
  'handleLead',
  'completeApplication',
  'followUpOffer',
  'followUpMissingDocuments',
  'validateApplication',
  'assessFraud',
  'changeContract',
] as const;
export type Work = (typeof works)[number];

/** `completed` work may be taken up again; `closed` work was completed once more without a session. */
export const workStatuses = ['scheduled', 'started', 'completed', 'closed'] as const;
export type WorkStatus = (typeof workStatuses)[number];

/** State of one loan application: small, for every application of the bank may be live at once. */
export interface LoanState {
  /** The amount asked for, in whole euros. */
  amount: number;
  stage: Stage;
  grants: Grant[];
  /** Number of the last created offer, 0 before the first. */
  offer: number;
  offerStatus: Exclude<OfferStatus, 'selected'>;
  /** Offer `offer + 1` is selected; the last created one may still be out then. */
  nextSelected: boolean;
  work: { [Kind in Work]?: WorkStatus };
}

export const newLoan: LoanState = {
  amount: 0,
  stage: 'submitted',
  grants: [],
  offer: 0,
  offerStatus: 'none',
  nextSelected: false,
  work: {},
};

export interface Offer {
  readonly offer: number;
  readonly status: OfferStatus;
}

/** The newest offer, be it only selected. */
export function newestOffer(state: LoanState): Offer {
  return state.nextSelected ? { offer: state.offer + 1, status: 'selected' } : createdOffer(state);
}

/** The last offer that was created. */
export function createdOffer({ offer, offerStatus }: LoanState): Offer {
  return { offer, status: offerStatus };
}

/** Number of the offer that is out with the customer, who may have sent it back by then. */
export function offerOut({ offer, offerStatus }: LoanState): number | undefined {
  return offerStatus === 'sent' || offerStatus === 'sentBack' ? offer : undefined;
}

/** The work in progress, if any: never more than one. */
export function workInProgress(state: LoanState): Work | undefined {
  return works.find((work) => state.work[work] === 'started');
}
