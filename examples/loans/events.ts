import { z } from 'zod';
import { step, submission, workStep } from './commands.js';

/** The application numbers its offers 1, 2, … */
const offerStep = step.extend({ offer: z.int().positive() });

/** An end of the application: with the offer, if any, that was out with the customer then. */
const endStep = step.extend({ offer: z.int().positive().optional() });

/** The events of a loan application. */
export const loanEvents = {
  submitted: submission,
  partlySubmitted: step,
  preaccepted: step,
  accepted: step,
  finalized: step,
  declined: endStep,
  cancelled: endStep,
  approved: endStep,
  registered: step,
  activated: step,

  offerSelected: offerStep,
  offerCreated: offerStep,
  offerSent: offerStep,
  offerSentBack: offerStep,
  offerAccepted: offerStep,
  offerDeclined: offerStep,
  offerCancelled: offerStep,

  workScheduled: workStep,
  workStarted: workStep,
  workCompleted: workStep,
};
