import { z } from 'zod';
import {
  type Grant,
  grants,
  type OfferStatus,
  offerStatuses,
  type Stage,
  stages,
  type Work,
  type WorkStatus,
  workStatuses,
  works,
} from './state.js';

/** The domain errors of a loan application. */
export const loanErrors = {
  WRONG_STAGE: {
    number: 1,
    status: 409,
    details: z.object({ stage: z.enum(stages) }),
    message: ({ stage }: { stage: Stage }) => `not while the application is ${stage}`,
  },
  ALREADY_GRANTED: {
    number: 2,
    status: 409,
    details: z.object({ grant: z.enum(grants) }),
    message: ({ grant }: { grant: Grant }) => `the loan is ${grant} already`,
  },
  OFFER_IN_PREPARATION: {
    number: 3,
    status: 409,
    details: z.object({ offer: z.int() }),
    message: ({ offer }: { offer: number }) => `offer ${offer} is selected but not yet sent`,
  },
  WRONG_OFFER_STATUS: {
    number: 4,
    status: 409,
    details: z.object({ offer: z.int(), status: z.enum(offerStatuses) }),
    message: ({ offer, status }: { offer: number; status: OfferStatus }) =>
      status === 'none' ? 'there is no offer' : `not while offer ${offer} is ${status}`,
  },
  WORK_NOT_SCHEDULED: {
    number: 5,
    status: 409,
    details: z.object({ work: z.enum(works) }),
    message: ({ work }: { work: Work }) => `${work} was never scheduled`,
  },
  ALREADY_SCHEDULED: {
    number: 6,
    status: 409,
    details: z.object({ work: z.enum(works), status: z.enum(workStatuses) }),
    message: ({ work, status }: { work: Work; status: WorkStatus }) =>
      `${work} is ${status} already`,
  },
  WORK_NOT_STARTED: {
    number: 7,
    status: 409,
    details: z.object({ works: z.array(z.enum(works)) }),
    message: ({ works }: { works: readonly Work[] }) => `nobody works on ${works.join(' or ')}`,
  },
  WORK_IN_PROGRESS: {
    number: 8,
    status: 409,
    details: z.object({ work: z.enum(works) }),
    message: ({ work }: { work: Work }) => `somebody works on ${work}`,
  },
  WORK_CLOSED: {
    number: 9,
    status: 409,
    details: z.object({ work: z.enum(works) }),
    message: ({ work }: { work: Work }) => `${work} is closed`,
  },
};

type LoanErrors = typeof loanErrors;

/** Why a step is not allowed: one of the errors with its details. */
export type Refusal = {
  [Code in keyof LoanErrors]: {
    readonly code: Code;
    readonly details: z.input<LoanErrors[Code]['details']>;
  };
}[keyof LoanErrors];
