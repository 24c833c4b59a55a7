import type { Runtime } from 'troupe';
import { loanApplication } from '../loan-application.js';
import { type CaseFacts, factsOf } from './case-facts.js';

/** What the store holds. */
export interface StoredLog {
  /** The states of the cases asked for; those that do not exist are left out. */
  readonly states: ReadonlyMap<string, CaseFacts>;
  /** Events in the log by loan application, also of cases that were not asked for. */
  readonly events: ReadonlyMap<string, number>;
}

const statesAtOnce = 1_000;
const pageSize = 2_000;

/** Reads everything anew by both ways there are: the states of the actors, and the log itself. */
export async function readStoredLog(runtime: Runtime, ids: readonly string[]): Promise<StoredLog> {
  return { states: await readStates(runtime, ids), events: await countEvents(runtime) };
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

async function countEvents(runtime: Runtime) {
  const counts = new Map<string, number>();
  for await (const { aggregate, id } of runtime.events({ pageSize })) {
    if (aggregate === loanApplication.name) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
}
