import { defineHandler, only } from 'troupe';
import { account } from './domain.js';

/** A present of five euros for each new account. */
export const welcome = defineHandler({
  name: 'welcome',
  version: 1,
  on: [only(account, 'opened')],
  async handle(event, context) {
    await context.send(account, event.id, { type: 'deposit', data: { cents: 5_00 } });
  },
});
