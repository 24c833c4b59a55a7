import { z } from 'zod';
import { step, submission, workStep } from './commands.js';

/** The application numbers its offers 1, 2, … */
const offerStep = step.extend({ offer: z.int().positive() });

/** The events of a loan application. */
export const loanEvents = {
  submitted: submission,
  partlySubmitted: step,
  preaccepted: step,
  accepted: step,
  finalized: step,
  declined: step,
  cancelled: step,
  approved: step,
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
