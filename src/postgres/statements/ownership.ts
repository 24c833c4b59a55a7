import type { Claimant, Lease, Owner } from '../../store/ownership.js';
import { column, type Statement, statement } from './statement.js';

/** What a claim led to: who owns the log, and the lease if it is the claimant's. */
export interface ClaimResult {
  readonly lease: Lease | undefined;
  readonly owner: Owner;
}

/** How long a lease lasts, and how long the locks for it are waited for. Milliseconds. */
export interface LeaseTimes {
  readonly leaseMs: number;
  readonly lockTimeoutMs: number;
}

/** Takes the lease if it is to be had: see migration 0010. $1 runtime, $2 host, $3 process, $4 lease in ms, $5 longest wait. */
export function claimStatement(schema: string): Statement<[Claimant, LeaseTimes], ClaimResult> {
  return statement({
    name: 'troupe_claim_ownership_v1',
    text: `SELECT owner, granted FROM ${schema}.claim_ownership_v1($1, $2, $3::int, $4::int, $5::int)`,
    values: ({ runtimeId, host, pid }, { leaseMs, lockTimeoutMs }) => [
      ...[runtimeId, host, pid],
      ...[leaseMs, lockTimeoutMs],
    ],
    read: ([row]) => {
      const [json, id] = row as [string, string | null];
      const owner = JSON.parse(json) as Owner;
      return { owner, lease: id === null ? undefined : { id, owner } };
    },
  });
}

/** What a renewal led to; the owner is whose the log is if not the lease's. */
export interface RenewResult {
  readonly kept: boolean;
  readonly owner: Owner | undefined;
}

/** Makes a lease last anew, if the log is under it. $1 lease, $2 its time in ms. */
export function renewStatement(schema: string): Statement<[string, number], RenewResult> {
  return statement({
    name: 'troupe_renew_ownership',
    text: `WITH kept AS (
  UPDATE ${schema}.ownership SET expires_at = clock_timestamp() + $2::int * interval '1 millisecond'
  WHERE lease = $1::uuid RETURNING lease)
SELECT EXISTS (SELECT 1 FROM kept), (SELECT ${schema}.owner_v1(o) FROM ${schema}.ownership o WHERE o.lease <> $1::uuid)`,
    values: (lease, leaseMs) => [lease, leaseMs],
    read: ([row]) => {
      const [kept, owner] = row as (string | null)[];
      return { kept: kept === 't', owner: owner ? (JSON.parse(owner) as Owner) : undefined };
    },
  });
}

/** Gives a lease back. $1 lease. */
export function releaseStatement(schema: string): Statement<[string], undefined> {
  return statement({
    name: 'troupe_release_ownership',
    text: `UPDATE ${schema}.ownership SET lease = NULL WHERE lease = $1::uuid`,
    values: (lease) => [lease],
    read: () => undefined,
  });
}

/** Makes the log shared if its lease has expired; true if it is shared then. $1 longest wait for a lock. */
export function endExpiredStatement(schema: string): Statement<[number], boolean> {
  return statement({
    name: 'troupe_end_expired_ownership_v1',
    text: `SELECT ${schema}.end_expired_ownership_v1($1::int)`,
    values: (lockTimeoutMs) => [lockTimeoutMs],
    read: ([row]) => column(row as (string | null)[], 0) === 't',
  });
}
