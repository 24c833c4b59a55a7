import type { AggregateClient, Receipt, Runtime, SendOptions, TroupeError } from 'troupe';
import { expect } from 'vitest';
import { tally } from './tally.js';
import type { LogRow } from './use-database.js';

type Kind = 'accepted' | 'rejected' | 'refused' | 'failed' | 'unknown';
type TallyTypes = NonNullable<(typeof tally)['types']>;
type TallyClient = ReturnType<typeof tallyOf>;
type Command = Parameters<TallyClient['send']>[1];

/** A command that was sent, and what its caller heard of it. */
export interface Sent {
  readonly id: string;
  readonly token: string;
  kind: Kind | 'waiting';
  receipt?: Receipt<TallyTypes>;
  error?: TroupeError;
}

export function tallyOf(runtime: Runtime): AggregateClient<TallyTypes> {
  return runtime.aggregate(tally);
}

let workloads = 0;

/**
 * Commands that are sent without waiting for one another, each with a token that its events carry; and
 * what must be true of the log afterwards, whatever happened to threads, connections and servers.
 */
export class Workload {
  readonly sent: Sent[] = [];
  private readonly name = `w${++workloads}`;
  private readonly open = new Set<Promise<unknown>>();

  constructor(private readonly client: TallyClient) {}

  /** Sends a command and notes its answer; never rejects. */
  send(
    id: string,
    command: (token: string) => Command = add,
    options: SendOptions = {},
  ): Promise<Sent> {
    const token = `${this.name}-${this.sent.length}`;
    const sent: Sent = { id, token, kind: 'waiting' };
    this.sent.push(sent);
    const done = this.client.send(id, command(token), options).then(
      (receipt) => Object.assign(sent, { kind: 'accepted', receipt }),
      (error: TroupeError & { outcome: Kind }) =>
        Object.assign(sent, { kind: error.outcome, error }),
    );
    this.open.add(done);
    void done.finally(() => this.open.delete(done));
    return done as Promise<Sent>;
  }

  /**
   * Keeps so many commands under way on these ids until told to end, or until the runtime stops: one that
   * stops refuses at once, and a lane that went on would leave the test that failed no turn to end in.
   */
  async run(ids: readonly string[], concurrency: number, until: () => boolean): Promise<void> {
    let next = 0;
    const lane = async () => {
      while (!until()) {
        const { error } = await this.send(ids[next++ % ids.length]!);
        if (error?.code === 'Stopping') return;
      }
    };
    await Promise.all(Array.from({ length: concurrency }, lane));
  }

  /** Resolves when every command is answered. */
  async settled(): Promise<void> {
    while (this.open.size > 0) await Promise.all(this.open);
  }

  /** The commands with this answer. */
  with(kind: Sent['kind']): Sent[] {
    return this.sent.filter((sent) => sent.kind === kind);
  }

  /**
   * Accepted means stored, once, where the receipt says; refused, rejected and failed mean not stored;
   * and the commands of one id stand in the order in which they were sent.
   */
  expectTruth(rows: readonly LogRow[]): void {
    const stored = groupBy(rows, (row) => row.data.token);
    for (const { token, kind, receipt } of this.sent) {
      const own = (stored.get(token) ?? []).map(({ version, position }) => ({ version, position }));
      const told = receipt?.events.map(({ version, position }) => ({ version, position }));
      if (kind === 'accepted') expect(own, `${token} as its receipt says`).toEqual(told);
      else if (kind !== 'unknown') expect(own, `${token} was ${kind}`).toEqual([]);
      else expect(new Set(own.map((row) => row.version)).size, token).toBe(own.length);
    }
    for (const id of new Set(this.sent.map((sent) => sent.id))) {
      const order = this.sent.filter((sent) => sent.id === id).map((sent) => sent.token);
      const found = new Set(rows.filter((row) => row.id === id).map((row) => row.data.token));
      expect(
        [...found].filter((token) => order.includes(token)),
        `order of ${id}`,
      ).toEqual(order.filter((token) => found.has(token)));
    }
  }
}

/** Streams have no holes and no version twice, and each event was decided on the state of all before it. */
export function expectNoLostUpdate(rows: readonly LogRow[]): void {
  for (const [id, stream] of groupBy(rows, (row) => row.id)) {
    const versions = stream.map((row) => row.version);
    expect(versions, `versions of ${id}`).toEqual(versions.map((_, i) => i + 1));
    expect(
      stream.map((row) => row.data.count),
      `counts of ${id}`,
    ).toEqual(versions);
  }
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

export const add = (token: string) => ({ type: 'add', data: { token } }) as const;
export const addTwo = (token: string) => ({ type: 'add', data: { token, times: 2 } }) as const;
export const take = (token: string) => ({ type: 'take', data: { token } }) as const;
export const look = { type: 'look', data: {} } as const;
export const exit = (deaths: number) => (token: string) =>
  ({ type: 'exit', data: { token, deaths } }) as const;
export const throwLater = (deaths: number) => (token: string) =>
  ({ type: 'throwLater', data: { token, deaths } }) as const;
export const forgetPromise = (deaths: number) => (token: string) =>
  ({ type: 'forgetPromise', data: { token, deaths } }) as const;
export const mark = (file: string) => (token: string) =>
  ({ type: 'mark', data: { token, file } }) as const;
export const spin = (file: string) => (token: string) =>
  ({ type: 'spin', data: { token, file } }) as const;
export const linger = (file: string) => (token: string) =>
  ({ type: 'linger', data: { token, file } }) as const;
