import { defineView } from 'troupe';
import { list } from './domain.js';

export * from './domain.js';

/** All lists, with what is still to be done. */
export const overview = defineView({
  name: 'overview',
  version: 1,
  on: [list],
  key: (event) => event.id,
  initial: { title: '', open: 0 },
  columns: { title: 'text', open: 'integer' },
  evolve: (doc, { type, data }) =>
    type === 'created'
      ? { ...doc, title: data.title }
      : { ...doc, open: doc.open + (type === 'added' ? 1 : -1) },
});
