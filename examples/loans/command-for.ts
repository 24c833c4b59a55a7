import type { LoanCommand } from './loan-application.js';
import type { LoanCase } from './loan-case.js';
import type { WorkStep } from './rules/work-rules.js';
import type { Work } from './state.js';
import { XesError } from './xes/xes-error.js';
import type { XesEvent } from './xes/xes-trace.js';

type PlainStep = Exclude<LoanCommand['type'], 'submit' | WorkStep>;

const plainSteps = new Map<string, PlainStep>([
  ['A_PARTLYSUBMITTED', 'submitPartly'],
  ['A_PREACCEPTED', 'preaccept'],
  ['A_ACCEPTED', 'accept'],
  ['A_FINALIZED', 'finalize'],
  ['A_DECLINED', 'decline'],
  ['A_CANCELLED', 'cancel'],
  ['A_APPROVED', 'approve'],
  ['A_REGISTERED', 'register'],
  ['A_ACTIVATED', 'activate'],
  ['O_SELECTED', 'selectOffer'],
  ['O_CREATED', 'createOffer'],
  ['O_SENT', 'sendOffer'],
  ['O_SENT_BACK', 'returnOffer'],
  ['O_ACCEPTED', 'acceptOffer'],
  ['O_DECLINED', 'declineOffer'],
  ['O_CANCELLED', 'cancelOffer'],
]);

const works = new Map<string, Work>([
  ['W_Afhandelen leads', 'handleLead'],
  ['W_Completeren aanvraag', 'completeApplication'],
  ['W_Nabellen offertes', 'followUpOffer'],
  ['W_Nabellen incomplete dossiers', 'followUpMissingDocuments'],
  ['W_Valideren aanvraag', 'validateApplication'],
  ['W_Beoordelen fraude', 'assessFraud'],
  ['W_Wijzigen contractgegevens', 'changeContract'],
]);

const workSteps = new Map<string | undefined, WorkStep>([
  ['SCHEDULE', 'scheduleWork'],
  ['START', 'startWork'],
  ['COMPLETE', 'completeWork'],
]);

/**
 * The command that makes the domain do what the log says happened.
 *
 * Throws a `XesError` (`UNKNOWN_ACTIVITY`) for an activity or a lifecycle that loans do not have.
 */
export function commandFor(event: XesEvent, loanCase: LoanCase): LoanCommand {
  const { activity, lifecycle, resource } = event;
  const work = works.get(activity);
  const workStep = workSteps.get(lifecycle);
  if (work && workStep) return { type: workStep, data: { resource, work } };

  const plainStep = plainSteps.get(activity);
  if (plainStep && lifecycle === 'COMPLETE') return { type: plainStep, data: { resource } };

  if (activity !== 'A_SUBMITTED' || lifecycle !== 'COMPLETE')
    throw unknownActivity(event, loanCase);
  const { amount, registeredAt } = loanCase;
  return { type: 'submit', data: { amount, registeredAt, resource } };
}

function unknownActivity(
  { activity, lifecycle, line }: XesEvent,
  { path, id }: LoanCase,
): XesError {
  const problem = `case ${id}: unknown activity "${activity}" (${lifecycle ?? 'no lifecycle'})`;
  return new XesError('UNKNOWN_ACTIVITY', { path, line }, problem);
}
