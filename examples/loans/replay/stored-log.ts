import type { Runtime } from 'troupe';
import { loanApplication } from '../loan-application.js';
import { type LoanOutcome, loanOutcomes } from '../views/loan-outcomes.js';
import { type CaseFacts, factsOf } from './case-facts.js';
import { type FollowUps, FollowUpTally } from './follow-ups.js';

/** What the store holds. */
export interface StoredLog {
  /** The states of the cases asked for; those that do not exist are left out. */
  readonly states: ReadonlyMap<string, CaseFacts>;
  /** Events in the log by loan application, also of cases that were not asked for. */
  readonly events: ReadonlyMap<string, number>;
  /** What the view says of each loan application. */
  readonly outcomes: ReadonlyMap<string, Pick<LoanOutcome, 'outcome' | 'amount'>>;
  /** What was done about the offers of the cases asked for. */
  readonly followUps: FollowUps;
}

const statesAtOnce = 1_000;
const pageSize = 2_000;
const documentsAtOnce = 1_000;
const viewTimeoutMs = 10 * 60_000;

/** Reads everything anew by all ways there are: the states of the actors, the log itself, and the view. */
export async function readStoredLog(runtime: Runtime, ids: readonly string[]): Promise<StoredLog> {
  const states = await readStates(runtime, ids);
  const { counts: events, followUps, end } = await readEvents(runtime, ids);
  await runtime.waitFor(loanOutcomes.name, end, { timeoutMs: viewTimeoutMs });
  return { states, events, followUps, outcomes: await readOutcomes(runtime) };
}

async function readStates(runtime: Runtime, ids: readonly string[]) {
  const client = runtime.aggregate(loanApplication);
  const states = new Map<string, CaseFacts>();
  for (let i = 0; i < ids.length; i += statesAtOnce) {
    const some = ids.slice(i, i + statesAtOnce);
    const found = await Promise.all(some.map(async (id) => ({ id, at: await client.state(id) })));
    for (const { id, at } of found) if (at) states.set(id, factsOf(at.state, at.version));
  }
  return states;
}

async function readEvents(runtime: Runtime, ids: readonly string[]) {
  const counts = new Map<string, number>();
  const followUps = new FollowUpTally(ids);
  let end = 0;
  for await (const event of runtime.events({ pageSize })) {
    const { aggregate, id, position } = event;
    if (aggregate === loanApplication.name) counts.set(id, (counts.get(id) ?? 0) + 1);
    followUps.add(event);
    end = position;
  }
  return { counts, followUps: followUps.result(), end };
}

async function readOutcomes(runtime: Runtime) {
  const view = runtime.view(loanOutcomes);
  const outcomes = new Map<string, LoanOutcome>();
  let after: string | undefined;
  do {
    const page = await view.find({ limit: documentsAtOnce, ...(after !== undefined && { after }) });
    for (const { key, document } of page.items) outcomes.set(key, document);
    after = page.next;
  } while (after !== undefined);
  return outcomes;
}
