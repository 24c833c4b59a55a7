import type { Domain } from '../../../../src/aggregate/domain.js';
import { readDomain } from '../../../../src/aggregate/domain.js';
import { readInline } from '../../../../src/dispatcher/inline-source.js';
import { PostgresInline } from '../../../../src/postgres/postgres-inline.js';
import { InlineProjections } from '../../../../src/projection/inline-projections.js';
import type { ShardsFixture } from '../../../support/use-shards.js';

/** The inline projections of a domain on the log of a fixture, as a runtime has them, and what they told. */
export function inlineOf(
  shards: ShardsFixture,
  module: object,
): InlineProjections & { readonly told: string[] } {
  const domain: Domain = readDomain(module, 'the test');
  const told: string[] = [];
  const inline = new InlineProjections({
    readers: readInline(domain),
    log: shards.open(),
    open: () => new PostgresInline(shards.options),
    notice: ({ kind, message }) => void told.push(`${kind}: ${message}`),
  });
  return Object.assign(inline, { told });
}

/** A row of the table of `sums`. */
export interface Sum {
  readonly cents: number;
  readonly number: number;
  readonly lastPosition: number;
}

/** What the table of `sums` says of an account. */
export async function sumOf(
  { db, schema }: ShardsFixture,
  id: string,
  version = 1,
): Promise<Sum | undefined> {
  const { rows } = await db.query<Sum>(
    `SELECT cents::int, number, last_position::int AS "lastPosition"
     FROM ${schema}.inline_sums_v${version}_accounts WHERE id = $1`,
    [id],
  );
  return rows[0];
}

/** How the table of `sums` differs from the log, over all accounts: empty if it does not. */
export async function differences(
  { db, schema }: ShardsFixture,
  version = 1,
): Promise<readonly object[]> {
  const { rows } = await db.query<object>(
    `SELECT id, log.cents, log.number, projected.cents AS "projectedCents", projected.number AS "projectedNumber" FROM (
       SELECT id, sum((data->>'cents')::bigint)::int AS cents, count(*)::int AS number FROM ${schema}.events
       WHERE type = 'deposited' GROUP BY id) AS log
     FULL JOIN (SELECT id, cents::int, number FROM ${schema}.inline_sums_v${version}_accounts) AS projected USING (id)
     WHERE (log.cents, log.number) IS DISTINCT FROM (projected.cents, projected.number)`,
  );
  return rows;
}
