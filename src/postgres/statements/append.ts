import type { EventRow } from '../../messages/event.js';
import type { AppendBatch } from '../../store/append.js';
import type { OutcomeRow } from '../../store/outcomes.js';
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
  ...['text[]', 'text[]', 'bigint[]', 'bigint[]'],
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

/** What a batch got from the log. */
export interface Appended {
  readonly positions: readonly number[];
  /** Unix milliseconds. */
  readonly recordedAt: number;
}

/** `recorded_at` of the rows: its default is the time of the transaction, and so is this; read as by `COLUMNS`. */
const RECORDED_AT = '(extract(epoch FROM now()) * 1000)::bigint';

/** Appends a batch: see migration 0002. Returns one row; throws if there is none. */
export function appendStatement(
  schema: string,
  { checksIsolation = false } = {},
): Statement<[Writer, AppendBatch], Appended> {
  const parameters = TYPES.map((type, i) => `$${i + 1}::${type}`).join(', ');
  return statement({
    name: 'troupe_append_v1',
    text: `SELECT ${schema}.append_v1(${parameters}), ${RECORDED_AT}${checksIsolation ? IF_READ_COMMITTED : ''}`,
    values: (writer, batch) => {
      const { ofRow, others } = placeOutcomes(batch);
      return [
        writer.id,
        writer.epoch,
        writer.incarnation,
        batch.lockTimeoutMs,
        ...eventColumns(batch.rows),
        ...rowOutcomeColumns(ofRow),
        ...assertionColumns(batch),
        ...outcomeColumns(others),
      ];
    },
    read: ([row]) => {
      if (!row) throw wrongIsolation();
      return { positions: parseBigintArray(row[0] ?? '{}'), recordedAt: Number(row[1]) };
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

/** Outcomes of a batch: beside the last row of their command, where there is one, and all others. */
interface PlacedOutcomes {
  /** One item per row, or none at all. */
  readonly ofRow: readonly (OutcomeRow | undefined)[];
  readonly others: readonly OutcomeRow[];
}

/** Most outcomes repeat what the last row of their command says; those need not be sent twice. */
function placeOutcomes({ rows, outcomes }: AppendBatch): PlacedOutcomes {
  if (outcomes.length === 0) return { ofRow: [], others: [] };
  const ofRow: (OutcomeRow | undefined)[] = rows.map(() => undefined);
  const others: OutcomeRow[] = [];
  let next = 0; // rows and outcomes come in the same order
  for (const outcome of outcomes) {
    const at = outcome.toVersion > outcome.fromVersion ? lastRow(rows, outcome, next) : rows.length;
    if (at === rows.length) others.push(outcome);
    else {
      ofRow[at] = outcome;
      next = at + 1;
    }
  }
  return { ofRow: others.length === outcomes.length ? [] : ofRow, others };
}

function lastRow(rows: readonly EventRow[], outcome: OutcomeRow, from: number): number {
  for (let i = from; i < rows.length; i++) {
    const { version, commandId, id, aggregate } = rows[i] as EventRow;
    if (
      version === outcome.toVersion &&
      commandId === outcome.commandId &&
      id === outcome.id &&
      aggregate === outcome.aggregate
    )
      return i;
  }
  return rows.length;
}

function rowOutcomeColumns(outcomes: PlacedOutcomes['ofRow']): Buffer[] {
  return [
    textArray(outcomes.map((o) => o?.key ?? '')),
    textArray(outcomes.map((o) => o?.hash ?? '')),
    bigintArray(outcomes.map((o) => o?.fromVersion ?? 0)),
    bigintArray(outcomes.map((o) => (o ? keepMs(o) : 0))),
  ];
}

function outcomeColumns(outcomes: readonly OutcomeRow[]): Buffer[] {
  return [
    textArray(outcomes.map((o) => o.aggregate)),
    textArray(outcomes.map((o) => o.id)),
    textArray(outcomes.map((o) => o.key)),
    textArray(outcomes.map((o) => o.hash)),
    textArray(outcomes.map((o) => o.commandId)),
    bigintArray(outcomes.map((o) => o.fromVersion)),
    bigintArray(outcomes.map((o) => o.toVersion)),
    textArray(outcomes.map((o) => o.rejection ?? '')),
    bigintArray(outcomes.map(keepMs)),
  ];
}

function keepMs(outcome: OutcomeRow): number {
  return Number.isFinite(outcome.keepMs) ? Math.round(outcome.keepMs) : -1;
}
