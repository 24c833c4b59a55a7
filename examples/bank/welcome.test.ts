import { it } from 'node:test';
import { givenHandler } from 'troupe/testing';
import { welcome } from './welcome.js';

it('gives a present to who opens an account, once', async () => {
  await givenHandler(welcome, [{ type: 'opened', data: { owner: 'mia' }, id: 'a' }]).thenCommands([
    { aggregate: 'account', id: 'a', command: { type: 'deposit', data: { cents: 500 } } },
  ]);
});
