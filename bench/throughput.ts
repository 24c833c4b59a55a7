import { startRuntime } from 'troupe';
import { sliceOf } from '../src/messages/slice.js';
import { account } from './domain.js';
import {
  type Deposits,
  depositData,
  fullMetadata,
  type LoadResult,
  makeDeposits,
  runLoad,
} from './load.js';
import { type RawRow, rawInsertPerSecond } from './raw-insert.js';
import { benchServer, dropSchema, note, settingsOf } from './server.js';
import { median, rounded } from './statistics.js';

const IDS = 10_000;
const COMMANDS = 60_000;
const IN_FLIGHT = 2000;
const SHARDS = 2;
const SCHEMA = 'bench_throughput';

interface Round {
  readonly raw: number;
  readonly spread: LoadResult;
  readonly hot: LoadResult;
  readonly keyed: LoadResult;
}

/** Durable commands per second beside the bare insert of the same rows, in the same run on the same server. */
export async function throughputBench({ rounds }: { readonly rounds: number }): Promise<object> {
  const server = await benchServer();
  try {
    const settings = await settingsOf(server.url);
    const deposits = makeDeposits(COMMANDS);
    const results: Round[] = [];
    for (let i = 0; i < rounds; i++) {
      const round = await oneRound(server.url, deposits);
      note(
        `round ${i + 1}: raw ${rounded(round.raw)}/s, spread ${rounded(round.spread.perSecond)}/s, hot ${rounded(round.hot.perSecond)}/s, keyed ${rounded(round.keyed.perSecond)}/s`,
      );
      results.push(round);
    }
    return {
      ...summary(results),
      settings: {
        ...settings,
        shards: SHARDS,
        ids: IDS,
        commands: COMMANDS,
        inFlight: IN_FLIGHT,
        rounds,
      },
    };
  } finally {
    await server.stop();
  }
}

function summary(rounds: readonly Round[]): Record<string, number> {
  const of = (figure: (round: Round) => number): number => rounded(median(rounds.map(figure)));
  return {
    rawInsertPerSecond: of((r) => r.raw),
    commandsPerSecond: of((r) => r.spread.perSecond),
    hotCommandsPerSecond: of((r) => r.hot.perSecond),
    keyedCommandsPerSecond: of((r) => r.keyed.perSecond),
    ratioToRaw: of((r) => r.spread.perSecond / r.raw),
    hotRatio: of((r) => r.hot.perSecond / r.spread.perSecond),
    p50Ms: of((r) => r.spread.p50Ms),
    p99Ms: of((r) => r.spread.p99Ms),
  };
}

async function oneRound(url: string, deposits: Deposits): Promise<Round> {
  const raw = await rawInsertPerSecond(url, rawRows());
  await dropSchema(url, SCHEMA);
  const runtime = await startRuntime({
    domain: new URL('./domain.ts', import.meta.url),
    store: { kind: 'postgres', url, schema: SCHEMA },
    shards: SHARDS,
    freezeState: false,
  });
  const accounts = runtime.aggregate(account);
  const idOf = (i: number): string => `account-${i % IDS}`;
  await runLoad(accounts, { commands: IDS, inFlight: IN_FLIGHT, idOf, deposits }); // warm up: each actor once
  const load = { commands: COMMANDS, inFlight: IN_FLIGHT, deposits };
  const spread = await runLoad(accounts, { ...load, idOf });
  const hot = await runLoad(accounts, { ...load, idOf: () => 'account-hot' });
  const keyed = await runLoad(accounts, { ...load, idOf, keyOf: (i) => `payment-${i}` });
  await runtime.stop();
  await dropSchema(url, SCHEMA);
  return { raw, spread, hot, keyed };
}

function rawRows(): RawRow[] {
  return Array.from({ length: COMMANDS }, (_, i) => {
    const id = `account-${i % IDS}`;
    return {
      slice: sliceOf('account', id),
      aggregate: 'account',
      id,
      version: Math.floor(i / IDS) + 1,
      type: 'deposited',
      data: JSON.stringify(depositData(i)),
      metadata: JSON.stringify(fullMetadata(i)),
      commandId: `018f2d1e-7b1d-7c4e-9f1a-${i.toString(16).padStart(12, '0')}`,
      occurredAt: new Date(),
    };
  });
}
