import { CommandRefused, MemoryLog, type Runtime } from 'troupe';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loanApplication } from '../../../../examples/loans/loan-application.js';
import type { LoanCase } from '../../../../examples/loans/loan-case.js';
import type { LoanClient } from '../../../../examples/loans/replay/loan-client.js';
import { differences, otherCases, reportOf } from '../../../../examples/loans/replay/report.js';
import { type SendLogOptions, sendLog } from '../../../../examples/loans/replay/send-log.js';
import { readStoredLog } from '../../../../examples/loans/replay/stored-log.js';
import { rejection, turns } from '../../../support/settling.js';
import { ObstructedClient, sampleCases, startInMemory } from './loans-in-memory.js';

/** Hands out cases and counts them. */
class CountedCases {
  read = 0;
  closed = false;
  constructor(private readonly cases: readonly LoanCase[]) {}

  async *[Symbol.asyncIterator]() {
    try {
      for (const each of this.cases) {
        this.read++;
        yield each;
      }
    } finally {
      this.closed = true;
    }
  }
}

describe('sending a log', () => {
  let cases: readonly LoanCase[];
  let log: MemoryLog;
  let runtime: Runtime;
  let loans: LoanClient;
  let stopping: AbortController;

  beforeEach(async () => {
    cases = await sampleCases();
    log = new MemoryLog();
    runtime = await startInMemory(log);
    loans = runtime.aggregate(loanApplication);
    stopping = new AbortController();
  });
  afterEach(() => runtime.stop());

  function send(read: AsyncIterable<LoanCase>, options: Partial<SendLogOptions> = {}) {
    return sendLog(read, { client: loans, inFlight: 100, signal: stopping.signal, ...options });
  }

  it('stores what was read, as a runtime finds that is started afterwards', async () => {
    const sent = await send(new CountedCases(cases));
    expect(sent).toMatchObject({ commands: 864, deduplicated: 0, rejected: 0, rejections: [] });
    await runtime.stop();
    runtime = await startInMemory(log);
    const stored = await readStoredLog(runtime, [...sent.cases.keys()]);
    expect([...differences(sent, stored)]).toEqual([]);
    expect(otherCases(sent, stored)).toBe(0);
    expect(reportOf(sent, stored)).toMatchObject({
      cases: 46,
      events: 864,
      outcomes: { approved: 14, declined: 14, cancelled: 12, undecided: 6 },
      amountRequested: cases.reduce((sum, { amount }) => sum + amount, 0),
      longestCase: 38,
      // In memory nothing follows the log but what folds it when it is asked.
      sagas: { started: 0, completed: 0, running: 0, followUps: 0, timersFired: 0 },
    });
  });

  it('changes nothing the second time', async () => {
    await send(new CountedCases(cases));
    expect(await send(new CountedCases(cases))).toMatchObject({ commands: 864, deduplicated: 864 });
    const stored = await readStoredLog(runtime, []);
    expect([...stored.events.values()].reduce((sum, events) => sum + events, 0)).toBe(864);
  });

  it.each([1, 7, 40])('never has more than %i commands under way', async (inFlight) => {
    const client = new ObstructedClient(loans);
    await send(new CountedCases(cases), { client, inFlight });
    expect(client.mostUnderWay).toBe(inFlight);
  });

  it('reads no further than it can send', async () => {
    const read = new CountedCases(cases);
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const client = new ObstructedClient(loans, { before: () => held });
    const sending = send(read, { client, inFlight: 3 });
    await turns();
    expect(client.sends).toBe(3);
    expect(read.read).toBeLessThanOrEqual(3);
    release();
    expect(await sending).toMatchObject({ commands: 864 });
  });

  it('reads no further while everything is refused', async () => {
    const read = new CountedCases(cases);
    let refuse = true;
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const before = () => {
      if (refuse) throw new CommandRefused('Unavailable', 'the database is away');
    };
    const client = new ObstructedClient(loans, { before });
    const sending = send(read, { client, inFlight: 5, pause: () => held });
    await turns(200);
    expect(read.read).toBe(6);
    refuse = false;
    release();
    expect(await sending).toMatchObject({ commands: 864, rejected: 0 });
  });

  it('stops reading at what is wrong with the log, and waits for what is under way', async () => {
    const client = new ObstructedClient(loans);
    async function* broken() {
      yield* cases.slice(0, 5);
      throw new Error('broken');
    }
    expect(await rejection(send(broken(), { client }))).toMatchObject({ message: 'broken' });
    expect(client.underWay).toBe(0);
    expect(client.sends).toBeGreaterThan(0);
  });

  it('refuses a log in which a case occurs twice', async () => {
    const error = await rejection(send(new CountedCases([cases[0]!, cases[1]!, cases[0]!])));
    expect(error).toMatchObject({ code: 'REPEATED_CASE', line: cases[0]!.events[0]!.line });
  });

  it('closes the log and rejects when a command is impossible', async () => {
    await send(new CountedCases(cases));
    const others = cases.map((each) => ({ ...each, amount: each.amount + 1 }));
    const read = new CountedCases(others);
    expect(await rejection(send(read, { inFlight: 1 }))).toMatchObject({ code: 'KeyReused' });
    expect(read.closed).toBe(true);
    expect(read.read).toBeLessThan(5);
  });

  it('keeps the first ten rejections, and counts all', async () => {
    const twice = cases.slice(0, 12).map((each) => ({
      ...each,
      events: [...each.events, { ...each.events[0]!, index: each.events.length }],
    }));
    const sent = await send(new CountedCases(twice));
    expect(sent.rejected).toBe(12);
    expect(sent.rejections).toHaveLength(10);
    expect(sent.rejections[0]).toMatchObject({
      caseId: cases[0]!.id,
      index: cases[0]!.events.length,
    });
  });

  it('stops when it is asked to, and tells what it has settled', async () => {
    const progress: number[] = [];
    const onProgress = (commands: number) => {
      progress.push(commands);
      if (commands > 300) stopping.abort();
    };
    const read = new CountedCases(cases);
    const sent = await send(read, { inFlight: 20, onProgress });
    expect(read.closed).toBe(true);
    expect(sent.commands).toBeGreaterThan(300);
    expect(sent.commands).toBeLessThan(864);
    expect(progress).toEqual(progress.toSorted((a, b) => a - b));
    const second = await sendLog(new CountedCases(cases), {
      client: loans,
      inFlight: 100,
      signal: new AbortController().signal,
    });
    expect(second.commands).toBe(864);
    expect(second.deduplicated).toBe(sent.commands);
  });
});
