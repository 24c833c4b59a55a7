import { defineView } from 'troupe';
import { userRight } from './domain.js';

const partsOf = (id: string) => id.split(':').map(decodeURIComponent) as [string, string];

/** From cqrs-rust-lib: a child view, here the rights of a user. A right that is revoked has no document. */
export const rightsOfUser = defineView({
  name: 'rights-of-user',
  version: 1,
  on: [userRight],
  key: (event) => event.id,
  initial: { user: '', right: '' },
  columns: { user: 'text', right: 'text' },
  evolve(_document, event) {
    if (event.type === 'revoked') return null;
    const [user, right] = partsOf(event.id);
    return { user, right };
  },
});
