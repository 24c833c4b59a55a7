import { defineAggregate } from 'troupe';

export const broken = defineAggregate({
  name: 'broken',
  commands: {},
  events: {},
  initialState: {},
  decide: {},
  evolve: {},
  services() {
    throw new Error('the service cannot be reached');
  },
});
