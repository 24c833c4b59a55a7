import type { EventRow } from '../../messages/event.js';
import type { AppendBatch } from '../../store/append.js';
import type { Writer } from '../../store/store.js';
import { bigintArray, intArray, textArray, timestampArray } from '../binary-array.js';
import { wrongIsolation } from '../connection.js';
import { parseBigintArray, type Statement, statement } from './statement.js';

const TYPES = [
  ...['bigint', 'bigint', 'text', 'int'],
  ...[
    'int[]',
    'text[]',
    'text[]',
    'bigint[]',
    'text[]',
    'int[]',
    'text[]',
    'text[]',
    'text[]',
    'timestamptz[]',
  ],
  ...['text[]', 'text[]', 'bigint[]'],
  ...[
    'text[]',
    'text[]',
    'text[]',
    'text[]',
    'text[]',
    'bigint[]',
    'bigint[]',
    'text[]',
    'bigint[]',
  ],
];

/**
 * Where no session can be told which isolation it has, the statement looks: with a snapshot from before
 * it waited for a lock it would not see that it was fenced. It then returns no row and has done nothing.
 */
const IF_READ_COMMITTED = ` WHERE current_setting('transaction_isolation') = 'read committed'`;

/** Appends a batch: see migration 0002. Returns one row with the positions; throws if there is none. */
export function appendStatement(
  schema: string,
  { checksIsolation = false } = {},
): Statement<[Writer, AppendBatch], number[]> {
  const parameters = TYPES.map((type, i) => `$${i + 1}::${type}`).join(', ');
  return statement({
    name: 'troupe_append_v1',
    text: `SELECT ${schema}.append_v1(${parameters})${checksIsolation ? IF_READ_COMMITTED : ''}`,
    values: (writer, batch) => [
      writer.id,
      writer.epoch,
      writer.incarnation,
      batch.lockTimeoutMs,
      ...eventColumns(batch.rows),
      ...assertionColumns(batch),
      ...outcomeColumns(batch),
    ],
    read: ([row]) => {
      if (!row) throw wrongIsolation();
      return parseBigintArray(row[0] ?? '{}');
    },
  });
}

function eventColumns(rows: readonly EventRow[]): Buffer[] {
  return [
    intArray(rows.map((row) => row.slice)),
    textArray(rows.map((row) => row.aggregate)),
    textArray(rows.map((row) => row.id)),
    bigintArray(rows.map((row) => row.version)),
    textArray(rows.map((row) => row.type)),
    intArray(rows.map((row) => row.schemaVersion)),
    textArray(rows.map((row) => row.data)),
    textArray(rows.map((row) => row.metadata)),
    textArray(rows.map((row) => row.commandId)),
    timestampArray(rows.map((row) => row.occurredAt)),
  ];
}

function assertionColumns({ assertions }: AppendBatch): Buffer[] {
  return [
    textArray(assertions.map((a) => a.aggregate)),
    textArray(assertions.map((a) => a.id)),
    bigintArray(assertions.map((a) => a.version)),
  ];
}

function outcomeColumns({ outcomes }: AppendBatch): Buffer[] {
  return [
    textArray(outcomes.map((o) => o.aggregate)),
    textArray(outcomes.map((o) => o.id)),
    textArray(outcomes.map((o) => o.key)),
    textArray(outcomes.map((o) => o.hash)),
    textArray(outcomes.map((o) => o.commandId)),
    bigintArray(outcomes.map((o) => o.fromVersion)),
    bigintArray(outcomes.map((o) => o.toVersion)),
    textArray(outcomes.map((o) => o.rejection ?? '')),
    bigintArray(outcomes.map((o) => (Number.isFinite(o.keepMs) ? Math.round(o.keepMs) : -1))),
  ];
}
