import { defineAggregate, upsert } from 'troupe';
import { z } from 'zod';

interface User {
  readonly name: string;
  readonly guitars: readonly string[];
}

const name = z.string().trim().min(1);

/** From epoch: one context that holds a map of users, whom many may change at once. */
export const users = defineAggregate({
  name: 'users',
  prefix: { code: 'USERS', number: 30 },
  commands: {
    add: upsert(z.object({ name })),
    rename: z.object({ user: z.string(), name }),
    giveGuitar: z.object({ user: z.string(), guitar: z.string() }),
  },
  events: {
    added: z.object({ user: z.string(), name }),
    renamed: z.object({ user: z.string(), name }),
    guitarGiven: z.object({ user: z.string(), guitar: z.string() }),
  },
  errors: {
    NAME_TAKEN: { number: 1, status: 409, message: 'Somebody has that name already' },
    NO_SUCH_USER: { number: 2, status: 404, message: 'There is no such user' },
  },
  initialState: { users: {} as Readonly<Record<string, User>> },
  decide: {
    add({ users }, { name }, { event, newId, reject }) {
      if (Object.values(users).some((user) => user.name === name)) return reject('NAME_TAKEN');
      return [event.added({ user: newId(), name })];
    },
    rename({ users }, { user, name }, { event, reject }) {
      if (!Object.hasOwn(users, user)) return reject('NO_SUCH_USER');
      return users[user]?.name === name ? [] : [event.renamed({ user, name })];
    },
    giveGuitar({ users }, { user, guitar }, { event, reject }) {
      if (!Object.hasOwn(users, user)) return reject('NO_SUCH_USER');
      return [event.guitarGiven({ user, guitar })];
    },
  },
  evolve: {
    added: (state, { user, name }) => change(state, user, { name, guitars: [] }),
    renamed: (state, { user, name }) => change(state, user, { name }),
    guitarGiven: (state, { user, guitar }) =>
      change(state, user, { guitars: [...(state.users[user]?.guitars ?? []), guitar] }),
  },
});

function change({ users }: { users: Readonly<Record<string, User>> }, id: string, to: object) {
  return { users: { ...users, [id]: { name: '', guitars: [], ...users[id], ...to } } };
}
