import { defineAggregate, upsert } from 'troupe';
import { z } from 'zod';

const line = z.object({
  name: z.string(),
  price: z.number(),
  note: z.string().optional(),
  tags: z.array(z.string()),
});
export type Line = z.infer<typeof line>;

interface Basket {
  lines: Line[];
  last: Line | null;
  total: number;
}

/**
 * An aggregate whose state invites mistakes: nested, changed in place, holding the very objects that
 * came with events. A snapshot is due every few events.
 */
export const basket = defineAggregate({
  name: 'basket',
  commands: {
    put: upsert(z.array(line)),
    retag: upsert(z.string()),
    clear: upsert(z.object({})),
    look: upsert(z.object({})),
    tooMuch: upsert(z.number()),
    putThenBreak: upsert(line),
  },
  events: {
    put: line,
    retagged: z.object({ lines: z.array(line) }),
    cleared: z.object({}),
    broken: z.object({}),
  },
  errors: { TOO_MUCH: { number: 1, details: z.any(), message: 'Too much' } },
  initialState: { lines: [], last: null, total: 0 } as Basket,
  snapshot: { every: 4, atPassivation: 1 },
  decide: {
    put: (_state, lines, { event }) => lines.map((it) => event.put(it)),
    // The event holds the state's own lines: a later change must not reach it.
    retag(state, tag, { event }) {
      if (state.lines.length === 0) return [];
      return [
        event.retagged({ lines: state.lines.map((it) => ({ ...it, tags: [...it.tags, tag] })) }),
      ];
    },
    clear: (state, _data, { event }) => (state.lines.length > 0 ? [event.cleared({})] : []),
    look: () => [],
    tooMuch(state, limit, { reject, event }) {
      if (state.total > limit) reject('TOO_MUCH', { lines: state.lines });
      return [event.cleared({})];
    },
    putThenBreak: (_state, it, { event }) => [event.put(it), event.broken({})],
  },
  evolve: {
    put(state, it) {
      state.lines.push(it);
      state.last = it;
      state.total += it.price;
    },
    retagged: (state, { lines }) => ({ ...state, lines, last: lines.at(-1) ?? null }),
    cleared(state) {
      state.lines.length = 0;
      state.last?.tags.push('gone');
      state.total = 0;
    },
    broken() {
      throw new Error('cannot evolve this');
    },
  },
});
