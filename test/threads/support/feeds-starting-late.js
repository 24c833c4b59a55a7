import { CONSUMER } from 'troupe';

export * from './feeds.js';

/** The processor is not ready before this one is; the others do not wait for it. */
export const late = {
  [CONSUMER]: () => ({
    ...{
      name: 'late',
      version: 1,
      fingerprint: 'a',
      from: 'now',
      filter: { aggregates: ['tally'] },
    },
    prepare: () => new Promise((resolve) => setTimeout(resolve, 1000)),
    handle: () => undefined,
  }),
};
