import { startRuntime } from 'troupe';
import { account } from './domain.js';
import { type LoadResult, makeDeposits, runLoad } from './load.js';
import { benchServer, dropSchema, note } from './server.js';
import { median, rounded } from './statistics.js';

const IDS = 10_000;
const COMMANDS = 40_000;
const IN_FLIGHT = 2000;
const SHARDS = 2;
const SCHEMA = 'bench_inline';

/** What one inline projection costs at full load. */
export interface InlineCost {
  /** Durable commands per second, closed loop, without inline projections. */
  readonly withoutInlinePerSecond: number;
  /** The same load with one that adds up each event, by one statement per batch. */
  readonly withInlinePerSecond: number;
  /** Of the figure without. */
  readonly inlineRatio: number;
  readonly withoutInlineP99Ms: number;
  readonly withInlineP99Ms: number;
}

/** The same deposits without and with one inline projection, in turn, on the server of the other benches. */
export async function inlineCost({ rounds }: { readonly rounds: number }): Promise<InlineCost> {
  const server = await benchServer();
  const [without, inline]: [LoadResult[], LoadResult[]] = [[], []];
  try {
    for (let i = 0; i < rounds; i++) {
      without.push(await oneLoad(server.url, './domain.ts'));
      inline.push(await oneLoad(server.url, './inline-domain.ts'));
      const [bare, paid] = [without.at(-1), inline.at(-1)].map((it) => rounded(it?.perSecond ?? 0));
      note(`round ${i + 1}: without ${bare}/s, with one inline projection ${paid}/s`);
    }
  } finally {
    await server.stop();
  }
  const of = (results: readonly LoadResult[], figure: 'perSecond' | 'p99Ms'): number =>
    rounded(median(results.map((result) => result[figure])));
  return {
    withoutInlinePerSecond: of(without, 'perSecond'),
    withInlinePerSecond: of(inline, 'perSecond'),
    inlineRatio: rounded(of(inline, 'perSecond') / of(without, 'perSecond')),
    withoutInlineP99Ms: of(without, 'p99Ms'),
    withInlineP99Ms: of(inline, 'p99Ms'),
  };
}

async function oneLoad(url: string, domain: string): Promise<LoadResult> {
  await dropSchema(url, SCHEMA);
  const runtime = await startRuntime({
    domain: new URL(domain, import.meta.url),
    store: { kind: 'postgres', url, schema: SCHEMA },
    ...{ shards: SHARDS, freezeState: false },
  });
  const accounts = runtime.aggregate(account);
  const deposits = makeDeposits(COMMANDS);
  const load = { inFlight: IN_FLIGHT, idOf: (i: number) => `account-${i % IDS}`, deposits };
  await runLoad(accounts, { ...load, commands: IDS }); // warm up: each actor once
  const result = await runLoad(accounts, { ...load, commands: COMMANDS });
  await runtime.stop();
  await dropSchema(url, SCHEMA);
  return result;
}
