import { create } from 'troupe';
import { z } from 'zod';
import { works } from './state.js';

const resource = z.string().optional();
const amount = z.int().nonnegative();

/** What every step says: who took it, if that is known. */
export const step = z.object({ resource });
export const submission = z.object({ amount, registeredAt: z.iso.datetime(), resource });
export const workStep = z.object({ work: z.enum(works), resource });

export type Step = z.output<typeof step>;
export type WorkStepData = z.output<typeof workStep>;

/** The commands of a loan application. */
export const loanCommands = {
  submit: create(submission),
  submitPartly: step,
  preaccept: step,
  accept: step,
  finalize: step,
  decline: step,
  cancel: step,
  approve: step,
  register: step,
  activate: step,

  selectOffer: step,
  createOffer: step,
  sendOffer: step,
  returnOffer: step,
  acceptOffer: step,
  declineOffer: step,
  cancelOffer: step,

  scheduleWork: workStep,
  startWork: workStep,
  completeWork: workStep,
};
