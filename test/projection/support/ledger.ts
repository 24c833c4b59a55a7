import { defineAggregate, defineView, upsert } from 'troupe';
import { z } from 'zod';
import type { FeedEvent } from '../../../src/dispatcher/subscription.js';
import { eventId } from '../../../src/messages/ids.js';

const money = z.object({ cents: z.int() });

/** A purse that can be opened, filled and closed. */
export const purse = defineAggregate({
  name: 'purse',
  commands: { go: upsert(z.object({})) },
  events: { opened: z.object({ owner: z.string() }), put: money, closed: z.object({}) },
  initialState: {},
  decide: { go: () => [] },
  evolve: { opened() {}, put() {}, closed() {} },
});

/** Money that goes from purse to purse; renamed since it was first stored. */
export const transfer = defineAggregate({
  name: 'transfer',
  storedAs: 'payment',
  commands: { go: upsert(z.object({})) },
  events: {
    booked: z.object({ from: z.string(), to: z.string(), cents: z.int() }),
    noted: z.object({ text: z.string() }),
  },
  initialState: {},
  decide: { go: () => [] },
  evolve: { booked() {}, noted() {} },
});

export interface Total {
  readonly owner: string | null;
  readonly cents: number;
  readonly moves: readonly string[];
}

const initial: Total = { owner: null, cents: 0, moves: [] };

/** One document per purse: one event to one, to several, or to no document, and deletion. */
export const totals = defineView({
  name: 'purse-totals',
  version: 1,
  on: [purse, transfer],
  key(event) {
    if (event.type === 'booked') return [event.data.from, event.data.to];
    return event.aggregate === 'purse' ? event.id : null;
  },
  initial,
  columns: {
    owner: 'text',
    cents: 'bigint',
    moved: { type: 'integer', value: (doc) => doc.moves.length },
  },
  evolve(doc, event, key) {
    switch (event.type) {
      case 'opened':
        return { ...doc, owner: event.data.owner };
      case 'put':
        return { ...doc, cents: doc.cents + event.data.cents };
      case 'closed':
        return null;
      case 'booked': {
        const sign = event.data.to === key ? 1 : -1;
        const moves = [...doc.moves, `${event.aggregate} ${event.id}`];
        return { ...doc, cents: doc.cents + sign * event.data.cents, moves };
      }
      case 'noted':
        return doc;
    }
  },
});

/** An event as a feed gives it; `aggregate` is the name in the log. */
export function feedEvent(
  aggregate: string,
  id: string,
  given: { readonly type: string; readonly data: unknown; readonly position: number },
): FeedEvent {
  const { type, data, position } = given;
  const at = new Date(Date.UTC(2024, 1, 29, 12) + position);
  return {
    ...{ aggregate, id, version: position, position, type, data },
    ...{ metadata: {}, commandId: `c${position}`, occurredAt: at, recordedAt: at },
    eventId: eventId(aggregate, id, position),
  };
}

/** Events in order of position, from short notes. */
export function history(...notes: readonly Note[]): readonly FeedEvent[] {
  return notes.map(([id, type, data], i) =>
    feedEvent(type === 'booked' || type === 'noted' ? 'payment' : 'purse', id, {
      ...{ type, data },
      position: i + 1,
    }),
  );
}

export type Note = readonly [id: string, type: string, data: object];
