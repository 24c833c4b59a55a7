// A domain that prints wherever it runs: where it is imported, in its decider, and as it is asked for its view.
import { create, defineAggregate, defineView } from 'troupe';
import { z } from 'zod';

console.log('imported');
process.stdout.write('imported\n');

const text = z.object({ text: z.string() });

export const note = defineAggregate({
  name: 'note',
  prefix: { code: 'NOTE', number: 1 },
  commands: { write: create(text), amend: text, tear: z.object({}) },
  events: { written: text, amended: text },
  errors: { SAME: { number: 1, status: 409, message: 'It says that already' } },
  initialState: { text: '' },
  decide: {
    write(_state, data, { event }) {
      console.log('decided');
      process.stdout.write('decided\n');
      return [event.written(data)];
    },
    amend: (state, data, { event, reject }) =>
      state.text === data.text ? reject('SAME') : [event.amended(data)],
    tear: () => {
      throw new Error('it cannot be torn');
    },
  },
  evolve: { written: (_state, data) => data, amended: (_state, data) => data },
});

export const notes = defineView({
  name: 'notes',
  version: 1,
  on: [note],
  key: (event) => event.id,
  initial: { text: '' },
  columns: { text: 'text' },
  evolve(_document, { data }) {
    console.log('shown');
    return { text: data.text };
  },
});
