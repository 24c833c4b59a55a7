import { type CommandOf, type DecideContext, defineAggregate } from 'troupe';
import { loanCommands, type Step, type WorkStepData } from './commands.js';
import { loanErrors, type Refusal } from './errors.js';
import { loanEvents } from './events.js';
import { type ApplicationStep, applicationRefusal } from './rules/application-rules.js';
import { type OfferStep, offerRefusal } from './rules/offer-rules.js';
import { type WorkStep, workRefusal } from './rules/work-rules.js';
import { type Grant, type LoanState, newLoan, offerOut, type Stage } from './state.js';

type Context = DecideContext<typeof loanEvents, typeof loanErrors, undefined>;

/** A loan application: its own stages, its offers one after the other, and the work people do on it. */
export const loanApplication = defineAggregate({
  name: 'loan-application',
  prefix: { code: 'LOAN', number: 1 },
  commands: loanCommands,
  events: loanEvents,
  errors: loanErrors,
  initialState: newLoan,

  decide: {
    submit: (_state, data, context) => [context.event.submitted(data)],
    submitPartly: applicationStep('submitPartly', 'partlySubmitted'),
    preaccept: applicationStep('preaccept', 'preaccepted'),
    accept: applicationStep('accept', 'accepted'),
    finalize: applicationStep('finalize', 'finalized'),
    decline: endStep('decline', 'declined'),
    cancel: endStep('cancel', 'cancelled'),
    approve: endStep('approve', 'approved'),
    register: applicationStep('register', 'registered'),
    activate: applicationStep('activate', 'activated'),

    selectOffer: offerStep('selectOffer', 'offerSelected'),
    createOffer: offerStep('createOffer', 'offerCreated'),
    sendOffer: offerStep('sendOffer', 'offerSent'),
    returnOffer: offerStep('returnOffer', 'offerSentBack'),
    acceptOffer: offerStep('acceptOffer', 'offerAccepted'),
    declineOffer: offerStep('declineOffer', 'offerDeclined'),
    cancelOffer: offerStep('cancelOffer', 'offerCancelled'),

    scheduleWork: workStep('scheduleWork', 'workScheduled'),
    startWork: workStep('startWork', 'workStarted'),
    completeWork: workStep('completeWork', 'workCompleted'),
  },

  evolve: {
    submitted(state, { amount }) {
      state.amount = amount;
    },
    partlySubmitted: reach('partlySubmitted'),
    preaccepted: reach('preaccepted'),
    accepted: reach('accepted'),
    finalized: reach('finalized'),
    declined: reach('declined'),
    cancelled: reach('cancelled'),
    approved: grant('approved'),
    registered: grant('registered'),
    activated: grant('activated'),

    offerSelected(state) {
      state.nextSelected = true;
    },
    offerCreated(state, { offer }) {
      state.nextSelected = false;
      state.offer = offer;
      state.offerStatus = 'created';
    },
    offerSent: turnOffer('sent'),
    offerSentBack: turnOffer('sentBack'),
    offerAccepted: turnOffer('accepted'),
    offerDeclined: turnOffer('declined'),
    offerCancelled: turnOffer('cancelled'),

    workScheduled(state, { work }) {
      if (state.work[work] !== 'started') state.work[work] = 'scheduled';
    },
    workStarted(state, { work }) {
      state.work[work] = 'started';
    },
    workCompleted(state, { work }) {
      state.work[work] = state.work[work] === 'started' ? 'completed' : 'closed';
    },
  },
});

/** Every command that a loan application takes. */
export type LoanCommand = CommandOf<NonNullable<(typeof loanApplication)['types']>>;

type StageEvent = 'partlySubmitted' | 'preaccepted' | 'accepted' | 'finalized' | EndEvent | Grant;
type EndEvent = 'declined' | 'cancelled' | 'approved';
type OfferEvent =
  `offer${'Selected' | 'Created' | 'Sent' | 'SentBack' | 'Accepted' | 'Declined' | 'Cancelled'}`;
type WorkEvent = 'workScheduled' | 'workStarted' | 'workCompleted';

function applicationStep(step: ApplicationStep, event: StageEvent) {
  return (state: LoanState, data: Step, context: Context) => {
    obey(applicationRefusal(state, step), context);
    return [context.event[event](data)];
  };
}

function endStep(step: ApplicationStep, event: EndEvent) {
  return (state: LoanState, data: Step, context: Context) => {
    obey(applicationRefusal(state, step), context);
    const offer = offerOut(state);
    return [context.event[event]({ ...data, ...(offer !== undefined && { offer }) })];
  };
}

function offerStep(step: OfferStep, event: OfferEvent) {
  return (state: LoanState, data: Step, context: Context) => {
    obey(offerRefusal(state, step), context);
    const isOfNext = step === 'selectOffer' || step === 'createOffer';
    return [context.event[event]({ ...data, offer: isOfNext ? state.offer + 1 : state.offer })];
  };
}

function workStep(step: WorkStep, event: WorkEvent) {
  return (state: LoanState, data: WorkStepData, context: Context) => {
    obey(workRefusal(state, step, data.work), context);
    return [context.event[event](data)];
  };
}

/** `context.reject` for a refusal whose code is not known at compile time. */
interface Rejecter {
  reject(code: Refusal['code'], details: Refusal['details']): never;
}

function obey(refusal: Refusal | undefined, context: Rejecter): void {
  if (refusal) context.reject(refusal.code, refusal.details);
}

function reach(stage: Stage) {
  return (state: LoanState) => {
    state.stage = stage;
  };
}

function grant(given: Grant) {
  return (state: LoanState) => {
    state.stage = 'granted';
    state.grants.push(given);
  };
}

function turnOffer(status: LoanState['offerStatus']) {
  return (state: LoanState) => {
    state.offerStatus = status;
  };
}
