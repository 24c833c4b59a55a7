import { defineAggregate, drop, event, split, upsert } from 'troupe';
import { z } from 'zod';

interface Parcel {
  readonly grams: string;
  readonly at: string | null;
  readonly places: readonly string[];
  /** Versions that evolve was told, one per event. */
  readonly versions: readonly number[];
}

/**
 * As it is today. `weighed` is in its third version, has a domain shape that JSON cannot carry, and once
 * had another name; three events are retired.
 */
export const parcel = defineAggregate({
  name: 'parcel',
  commands: {
    weigh: upsert(z.object({ grams: z.number() })),
    move: upsert(z.object({ to: z.string() })),
    look: upsert(z.object({})),
  },
  events: {
    weighed: event({
      schema: z.object({ grams: z.bigint(), at: z.date() }),
      version: 3,
      upcast: {
        1: (data: { pounds: number }) => ({ grams: data.pounds * 450 }),
        2: (data: { grams: number }, { occurredAt }) => {
          if (data.grams < 0) throw new Error('nothing weighs so little');
          return { grams: String(data.grams), at: occurredAt.toISOString() };
        },
      },
      encode: ({ grams, at }) => ({ grams: String(grams), at: at.toISOString() }),
      decode: ({ grams, at }) => ({ grams: BigInt(grams), at: new Date(at) }),
      formerly: ['measured', 'scaled'],
    }),
    moved: event({
      schema: z.object({ to: z.string() }),
      version: 2,
      upcast: {
        1: split((data: { route: string[] }) =>
          data.route.map((to) => ({ type: 'moved', version: 2, data: { to } })),
        ),
      },
    }),
  },
  retired: {
    scanned: drop,
    weighedAndMoved: split((data: { pounds: number; to: string }) => [
      { type: 'scaled', data: { pounds: data.pounds } },
      { type: 'scanned', data: {} },
      { type: 'moved', version: 2, data: { to: data.to } },
    ]),
  },
  initialState: { grams: '0', at: null, places: [], versions: [] } as Parcel,
  stateVersion: 2,
  snapshot: { every: 4, atPassivation: 0 },
  decide: {
    weigh: (_state, { grams }, { event, now }) => [
      event.weighed({ grams: BigInt(grams), at: now }),
    ],
    move: (_state, data, { event }) => [event.moved(data)],
    look: () => [],
  },
  evolve: {
    weighed: (state, { grams, at }, { version }) => ({
      ...state,
      grams: (grams + 0n).toString(),
      at: at.toISOString(),
      versions: [...state.versions, version],
    }),
    moved: (state, { to }, { version }) => ({
      ...state,
      places: [...state.places, to],
      versions: [...state.versions, version],
    }),
  },
});

export const weigh = (grams: number) => ({ type: 'weigh', data: { grams } }) as const;
export const move = (to: string) => ({ type: 'move', data: { to } }) as const;
export const look = { type: 'look', data: {} } as const;
