import { create, defineAggregate, event } from 'troupe';
import { z } from 'zod';

const ids = z.object({ user: z.uuid(), account: z.uuid() });

/** From Chekov: a command that says which instance it is for, events with names of their own choice. */
export const user = defineAggregate({
  name: 'user',
  commands: {
    create: create(ids, { idFor: ({ user }) => user }),
    changeAccount: z.object({ account: z.uuid() }),
  },
  events: {
    'user.created': event({ schema: ids, formerly: ['Elixir.Shop.Events.UserCreated'] }),
    'user.account-changed': z.object({ account: z.uuid() }),
  },
  initialState: { account: '' },
  decide: {
    create: (_state, data, { event }) => [event['user.created'](data)],
    changeAccount: (_state, data, { event }) => [event['user.account-changed'](data)],
  },
  evolve: {
    'user.created': (_state, { account }) => ({ account }),
    'user.account-changed': (_state, { account }) => ({ account }),
  },
});
