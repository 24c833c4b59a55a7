import { create, defineAggregate } from 'troupe';
import { z } from 'zod';

const text = z
  .string()
  .min(1)
  .max(200)
  .meta({ examples: ['buy bread'] });
const item = z.object({ item: z.string().meta({ examples: ['1'] }) });
const todos = z.object({
  title: z.string(),
  items: z.record(z.string(), z.object({ text: z.string(), done: z.boolean() })),
});

/** From cqrs-rust-lib: a list over REST; its state comes from a snapshot, not from its whole past. */
export const list = defineAggregate({
  name: 'list',
  prefix: { code: 'LIST', number: 20 },
  commands: { create: create(z.object({ title: text })), add: z.object({ text }), finish: item },
  events: {
    created: z.object({ title: z.string() }),
    added: z.object({ item: z.string(), text: z.string() }),
    finished: item,
  },
  errors: {
    NO_SUCH_ITEM: { number: 1, status: 404, details: item, message: 'The list has no such item' },
    ALREADY_DONE: { number: 2, status: 409, message: 'This is done already' },
  },
  state: todos,
  initialState: { title: '', items: {} },
  snapshot: { every: 10, atPassivation: 1 },
  decide: {
    create: (_state, data, { event }) => [event.created(data)],
    add: ({ items }, { text }, { event }) => [
      event.added({ item: String(Object.keys(items).length + 1), text }),
    ],
    finish: ({ items }, { item }, { event, reject }) => {
      if (!Object.hasOwn(items, item)) return reject('NO_SUCH_ITEM', { item });
      return items[item]?.done ? reject('ALREADY_DONE') : [event.finished({ item })];
    },
  },
  evolve: {
    created: (state, { title }) => ({ ...state, title }),
    added({ items }, { item, text }) {
      items[item] = { text, done: false };
    },
    finished({ items }, { item }) {
      if (items[item]) items[item].done = true;
    },
  },
});
