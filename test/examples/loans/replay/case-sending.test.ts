import { CommandRefused, OutcomeUnknown, type Runtime } from 'troupe';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loanApplication } from '../../../../examples/loans/loan-application.js';
import type { LoanCase } from '../../../../examples/loans/loan-case.js';
import { CaseSending } from '../../../../examples/loans/replay/case-sending.js';
import { failureOf } from '../../../../examples/loans/replay/failure.js';
import { InFlight } from '../../../../examples/loans/replay/in-flight.js';
import type { LoanClient } from '../../../../examples/loans/replay/loan-client.js';
import { stepsOf } from '../../../../examples/loans/replay/steps.js';
import { rejection } from '../../../support/settling.js';
import { ObstructedClient, sampleCases, startInMemory, storedTypes } from './loans-in-memory.js';

const overloaded = () => new CommandRefused('Overloaded', 'too much under way');
const unknown = () =>
  new OutcomeUnknown(
    {
      commandId: 'c',
      aggregate: 'a',
      id: 'i',
      key: '',
      writerId: 0,
      afterPosition: 0,
      incarnation: '',
    },
    'on purpose',
  );

describe('sending a case', () => {
  let runtime: Runtime;
  let loans: LoanClient;
  let loanCase: LoanCase;
  let pauses: number[];
  const stopping = { request: new AbortController() };

  beforeEach(async () => {
    runtime = await startInMemory();
    loans = runtime.aggregate(loanApplication);
    loanCase = (await sampleCases()).reduce((longest, each) =>
      each.events.length > longest.events.length ? each : longest,
    );
    pauses = [];
    stopping.request = new AbortController();
  });
  afterEach(() => runtime.stop());

  function sendingOf(
    client: Pick<LoanClient, 'trySend'>,
    places = 100,
    { id, events }: LoanCase = loanCase,
  ) {
    const setup = {
      client,
      inFlight: new InFlight(places),
      signal: stopping.request.signal,
      pause: async (pauseMs: number) => void pauses.push(pauseMs),
    };
    return new CaseSending(setup, id, stepsOf({ ...loanCase, id, events }));
  }

  async function send(client: Pick<LoanClient, 'trySend'>, sent: LoanCase = loanCase) {
    const sending = sendingOf(client, 100, sent);
    await sending.sendRest();
    await sending.finish();
    return sending;
  }

  async function expectedTypes() {
    const other = await startInMemory();
    try {
      await send(other.aggregate(loanApplication));
      return await storedTypes(other.aggregate(loanApplication), loanCase.id);
    } finally {
      await other.stop();
    }
  }

  it('stores one event for each step, in file order, with the time and the key of each', async () => {
    const sending = await send(loans);
    expect(sending.facts).toMatchObject({ events: 38, amount: loanCase.amount });
    const stored: number[] = [];
    for await (const { occurredAt } of loans.events(loanCase.id)) stored.push(occurredAt.getTime());
    expect(stored).toEqual(loanCase.events.map(({ timestamp }) => timestamp));
    const idempotencyKey = `${loanCase.id}/0`;
    const other = { ...stepsOf(loanCase)[0]!.command.data, amount: 1 };
    const error = await rejection(
      loans.trySend(loanCase.id, { type: 'submit', data: other as never }, { idempotencyKey }),
    );
    expect(error).toMatchObject({ code: 'KeyReused' });
  });

  it('sends a second time without storing anything', async () => {
    await send(loans);
    const second = await send(loans);
    expect(second).toMatchObject({ deduplicated: 38, taken: 38, facts: { events: 38 } });
    expect(await loans.state(loanCase.id)).toMatchObject({ version: 38 });
  });

  it('lets no command overtake one that was refused', async () => {
    const expected = await expectedTypes();
    for (const refused of [1, 2, 5, 37, 38]) {
      const each = { ...loanCase, id: `${loanCase.id}-${refused}` };
      const client = new ObstructedClient(loans, {
        before: (send) => {
          if (send === refused) throw overloaded();
        },
      });
      const sending = await send(client, each);
      expect(sending).toMatchObject({ rejected: [], taken: 38, deduplicated: 0 });
      expect(await storedTypes(loans, each.id)).toEqual(expected);
    }
  });

  it('lets none be overtaken that travels more slowly than those behind it', async () => {
    const expected = await expectedTypes();
    const client = new ObstructedClient(loans, {
      before: (send) => (send === 4 ? new Promise((resolve) => setImmediate(resolve)) : undefined),
    });
    const sending = await send(client);
    expect(sending).toMatchObject({ rejected: [], taken: 38 });
    expect(await storedTypes(loans, loanCase.id)).toEqual(expected);
  });

  it('sends again what has an unknown outcome, and stores it once', async () => {
    const client = new ObstructedClient(loans, {
      after: (send) => {
        if (send === 3) throw unknown();
      },
    });
    const sending = await send(client);
    expect(sending.facts.events).toBe(38);
    // It was executed, and so were those behind it.
    expect(sending.deduplicated).toBe(36);
    expect(await loans.state(loanCase.id)).toMatchObject({ version: 38 });
  });

  it('goes on behind a step that the domain rejects', async () => {
    const [first, second] = loanCase.events;
    const twice = [first!, second!, second!, ...loanCase.events.slice(2)].map((event, index) => ({
      ...event,
      index,
    }));
    const sending = await send(loans, { ...loanCase, events: twice });
    expect(sending.rejected).toEqual([
      expect.objectContaining({ caseId: loanCase.id, index: 2, code: 'LOAN_WRONG_STAGE' }),
    ]);
    expect(sending).toMatchObject({ taken: 39, facts: { events: 38 } });
    expect(await storedTypes(loans, loanCase.id)).toEqual(await expectedTypes());
    expect(pauses).toEqual([]);
  });

  it('pauses longer and longer while nothing gets through, and gives up in the end', async () => {
    const client = new ObstructedClient(loans, {
      before: () => {
        throw overloaded();
      },
    });
    const error = await rejection(send(client));
    expect(error).toMatchObject({ code: 'Overloaded' });
    expect(pauses.slice(0, 3)).toEqual([40, 80, 160]);
    expect(Math.max(...pauses)).toBe(2_000);
    const waitedMs = pauses.reduce((sum, pauseMs) => sum + pauseMs, 0);
    expect(waitedMs).toBeGreaterThan(30_000);
    expect(waitedMs).toBeLessThan(60_000);
  });

  it('says so when something else has written to the application', async () => {
    await loans.send(loanCase.id, {
      type: 'submit',
      data: { amount: 1, registeredAt: '2024-01-01T00:00:00Z' },
    });
    const error = await rejection(send(loans));
    expect(error).toMatchObject({ code: 'VersionConflict' });
    expect(failureOf(error)).toEqual({
      text: `loan-application/${loanCase.id} is at version 1, expected 0: not only replays of this log write to it`,
      exitCode: 1,
    });
  });

  it('says so when its key was used for something else', async () => {
    await send(loans);
    const error = await rejection(
      send(loans, {
        ...loanCase,
        events: loanCase.events.toReversed().map((event, index) => ({ ...event, index })),
      }),
    );
    expect(error).toMatchObject({ code: 'KeyReused' });
  });

  it('sends nothing more once it is to stop', async () => {
    const client = new ObstructedClient(loans, {
      before: (send) => {
        if (send === 3) stopping.request.abort();
      },
    });
    const sending = sendingOf(client, 2);
    await sending.sendRest();
    await sending.finish();
    expect(client.sends).toBe(3);
    expect(sending.taken).toBe(3);
    expect(await loans.state(loanCase.id)).toMatchObject({ version: 3 });
  });
});
