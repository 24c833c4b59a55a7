import type { Metadata, SendOptions } from 'troupe';
import { percentile } from './statistics.js';

/** What one closed-loop run gave. */
export interface LoadResult {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** What sends deposits. */
export interface Depositor {
  send(
    id: string,
    command: { type: 'deposit'; data: { amount: number; reference: string } },
    options: SendOptions,
  ): Promise<unknown>;
}

/** What is sent, made before the clock starts: a service has it at hand. */
export interface Deposits {
  readonly data: readonly { amount: number; reference: string }[];
  readonly metadata: readonly Metadata[];
}

/** Data and metadata of `count` commands. */
export function makeDeposits(count: number): Deposits {
  const indexes = Array.from({ length: count }, (_, i) => i);
  return {
    data: indexes.map(depositData),
    metadata: indexes.map((i) => JSON.parse(JSON.stringify(fullMetadata(i))) as Metadata),
  };
}

/** A load: which id each command goes to, and whether it carries a key. */
export interface Load {
  readonly deposits: Deposits;
  readonly commands: number;
  readonly inFlight: number;
  idOf(index: number): string;
  keyOf?(index: number): string;
}

/** Metadata as a service with tracing has it. */
export function fullMetadata(index: number): Metadata {
  const tail = index.toString(16).padStart(12, '0');
  return {
    correlationId: `018f2d1e-7b1a-7c4e-9f1a-${tail}`,
    causationId: `018f2d1e-7b1b-7c4e-9f1a-${tail}`,
    principal: `user-${index % 1000}`,
    tenant: `tenant-${index % 10}`,
    requestId: `018f2d1e-7b1c-7c4e-9f1a-${tail}`,
    traceparent: `00-0af7651916cd43dd8448${tail}-b7ad6b71692033${tail.slice(-2)}-01`,
  };
}

/** Command data of the load; the bare insert stores the same. */
export function depositData(index: number): { amount: number; reference: string } {
  return { amount: (index % 500) + 1, reference: `payment ${index}` };
}

/** Keeps `inFlight` commands under way until all are answered. */
export async function runLoad(accounts: Depositor, load: Load): Promise<LoadResult> {
  const latencies = new Float64Array(load.commands);
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let i = next++; i < load.commands; i = next++) {
      const sent = performance.now();
      const key = load.keyOf?.(i);
      const data = load.deposits.data[i] as { amount: number; reference: string };
      const metadata = load.deposits.metadata[i] as Metadata;
      const command = { type: 'deposit', data } as const;
      await accounts.send(
        load.idOf(i),
        command,
        key === undefined ? { metadata } : { metadata, idempotencyKey: key },
      );
      latencies[i] = performance.now() - sent;
    }
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: load.inFlight }, worker));
  const seconds = (performance.now() - start) / 1000;
  latencies.sort();
  return {
    perSecond: load.commands / seconds,
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
  };
}
