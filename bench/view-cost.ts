import { type Metadata, startRuntime } from 'troupe';
import { account } from './domain.js';
import { makeDeposits, runLoad } from './load.js';
import { openLoop } from './open-loop.js';
import { dropSchema, note } from './server.js';
import { median, rounded } from './statistics.js';

const SCHEMA = 'bench_view_cost';
const IDS = 10_000;
const PER_SECOND = 10_000;
const WARM_UP_SECONDS = 2;
const SECONDS = 5;
const IN_FLIGHT = 2000;
const FULL_LOAD = 40_000;

interface Round {
  /** The commands' p99 at a steady rate. Milliseconds. */
  readonly p99Ms: number;
  /** Commands per second with as many under way as are taken. */
  readonly perSecond: number;
}

/** What three views cost the commands: of their p99 at a steady rate, and of their number at full load. */
export async function viewCost(url: string, rounds: number): Promise<Record<string, number>> {
  const pairs: { without: Round; with: Round }[] = [];
  for (let i = 0; i < rounds; i++) {
    const pair = {
      without: await oneRound(url, './domain.ts'),
      with: await oneRound(url, './three-views-domain.ts'),
    };
    note(`three views, round ${i + 1}: ${JSON.stringify(pair)}`);
    pairs.push(pair);
  }
  const of = (figure: (pair: (typeof pairs)[number]) => number): number =>
    rounded(median(pairs.map(figure)));
  return {
    viewCost: of((pair) => pair.with.p99Ms / pair.without.p99Ms),
    commandsP99Ms: of((pair) => pair.without.p99Ms),
    commandsP99MsWithViews: of((pair) => pair.with.p99Ms),
    fullLoadRatio: of((pair) => pair.with.perSecond / pair.without.perSecond),
  };
}

async function oneRound(url: string, domain: string): Promise<Round> {
  await dropSchema(url, SCHEMA);
  const runtime = await startRuntime({
    domain: new URL(domain, import.meta.url),
    store: { kind: 'postgres', url, schema: SCHEMA },
    freezeState: false,
  });
  const accounts = runtime.aggregate(account);
  const deposits = makeDeposits(PER_SECOND * (WARM_UP_SECONDS + SECONDS));
  const idOf = (index: number): string => `account-${index % IDS}`;
  const { p99Ms } = await openLoop({
    ...{ perSecond: PER_SECOND, seconds: SECONDS, warmUpSeconds: WARM_UP_SECONDS },
    send(index) {
      const data = deposits.data[index] as { amount: number; reference: string };
      const metadata = deposits.metadata[index] as Metadata;
      return accounts.send(idOf(index), { type: 'deposit', data }, { metadata });
    },
  });
  const load = { commands: FULL_LOAD, inFlight: IN_FLIGHT, deposits, idOf };
  const { perSecond } = await runLoad(accounts, load);
  await runtime.stop();
  return { p99Ms: rounded(p99Ms), perSecond: rounded(perSecond) };
}
