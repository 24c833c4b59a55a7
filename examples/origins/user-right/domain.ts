import { defineAggregate, upsert } from 'troupe';
import { z } from 'zod';

const pair = z.object({ user: z.string(), right: z.string() });

/** The one id of a user and a right; no other pair has it. */
export const rightId = ({ user, right }: z.infer<typeof pair>): string =>
  `${encodeURIComponent(user)}:${encodeURIComponent(right)}`;

/** From cqrs-rust-lib: an association as an aggregate. Granting again changes nothing. */
export const userRight = defineAggregate({
  name: 'user-right',
  commands: { grant: upsert(pair, { idFor: rightId }), revoke: z.object({}) },
  events: { granted: pair, revoked: z.object({}) },
  initialState: { isGranted: false },
  decide: {
    grant: (state, data, { event }) => (state.isGranted ? [] : [event.granted(data)]),
    revoke: (state, _data, { event }) => (state.isGranted ? [event.revoked({})] : []),
  },
  evolve: { granted: () => ({ isGranted: true }), revoked: () => ({ isGranted: false }) },
});
