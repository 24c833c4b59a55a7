import { setTimeout as pause } from 'node:timers/promises';
import { defineAggregate, upsert } from 'troupe';
import { z } from 'zod';

const ANSWER_MS = 1_200;
const MOST_EUROS = 40_000;

/** Whoever knows about credit. */
export interface Bureau {
  /** Points from 0 to 999. */
  pointsOf(amount: number): Promise<number>;
}

const pointsOf = (amount: number) => 999 - (amount % 600);

/**
 * One instance that everybody asks, and that takes its time for each answer: its mailbox is never empty
 * for long, and no other actor feels it.
 */
export const creditBureau = defineAggregate({
  name: 'credit-bureau',
  prefix: { code: 'CREDIT', number: 3 },
  commands: { score: upsert(z.object({ application: z.string(), amount: z.int().positive() })) },
  events: { scored: z.object({ application: z.string(), points: z.int() }) },
  errors: {
    TOO_MUCH: {
      number: 1,
      status: 409,
      details: z.object({ most: z.int() }),
      message: ({ most }: { most: number }) => `nothing is known above ${most} euros`,
    },
  },
  services: (): Bureau => ({
    async pointsOf(amount) {
      await pause(ANSWER_MS);
      return pointsOf(amount);
    },
  }),
  dryRunServices: () => ({ pointsOf: async (amount) => pointsOf(amount) }),
  initialState: { answers: 0 },
  decide: {
    score: {
      durable: async (_state, { application, amount }, { event, services, reject }) => {
        const points = await services.pointsOf(amount);
        if (amount > MOST_EUROS) return reject('TOO_MUCH', { most: MOST_EUROS });
        return [event.scored({ application, points })];
      },
    },
  },
  evolve: { scored: ({ answers }) => ({ answers: answers + 1 }) },
});
