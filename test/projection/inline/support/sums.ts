import { defineInlineProjection, only } from 'troupe';
import { account } from '../../../support/account.js';

/** What the handler of `sums` does next, beside its work; reset by each test that sets it. */
export const next: {
  /** Called inside the transaction, after the rows were written. */
  after: ((tx: { query(text: string): Promise<unknown> }) => Promise<unknown>) | undefined;
  /** How many events each call had. */
  calls: number[];
} = { after: undefined, calls: [] };

/** Fails in the handler. */
export const THROWS = 666;
/** Fails at a constraint of the table. */
export const TOO_MUCH = 1_000_000;

/** Adds up what was deposited into each account, in version `version`. */
export function sumsOf(version: number) {
  return defineInlineProjection({
    name: 'sums',
    version,
    on: [only(account, 'deposited')],
    setup: (tx) =>
      tx.query(
        `CREATE TABLE ${tx.table('accounts')} (id text PRIMARY KEY, cents bigint NOT NULL CHECK (cents < ${TOO_MUCH}),
           number int NOT NULL, last_position bigint NOT NULL)`,
      ),
    async handle(events, tx) {
      next.calls.push(events.length);
      if (events.some(({ data }) => data.cents === THROWS)) throw new RangeError('not that one');
      await tx.query(
        `INSERT INTO ${tx.table('accounts')} AS a
         SELECT id, sum(cents), count(*), max(position)
         FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS e(id, cents, position) GROUP BY id ORDER BY id
         ON CONFLICT (id) DO UPDATE SET cents = a.cents + excluded.cents, number = a.number + excluded.number,
           last_position = excluded.last_position`,
        [
          events.map(({ id }) => id),
          events.map(({ data }) => data.cents),
          events.map(({ position }) => position),
        ],
      );
      await next.after?.(tx);
    },
  });
}

export const sums = sumsOf(1);
