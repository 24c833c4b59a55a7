import { appendInlineStatement, appendStatement } from './append.js';
import { appendLockHoldersStatement } from './append-lock.js';
import { incarnationStatement } from './incarnation.js';
import { loadStatement } from './load.js';
import { logEndStatement } from './log-end.js';
import {
  auditStatement,
  beginVerbStatement,
  finishVerbStatement,
  lastPositionsStatement,
  quarantineMarkStatement,
  quarantinesStatement,
  snapshotInfosStatement,
} from './operations.js';
import { findOutcomesStatement, sweepOutcomesStatement } from './outcomes.js';
import {
  claimStatement,
  endExpiredStatement,
  releaseStatement,
  renewStatement,
} from './ownership.js';
import {
  findCommandsStatement,
  headsStatement,
  readHeadRangeStatement,
  readLogHeadsStatement,
  readLogStatement,
  readRangeStatement,
  readRangesStatement,
  readStreamStatement,
} from './read-events.js';
import { saveSnapshotsStatement } from './snapshots.js';
import { type Statement, withoutName } from './statement.js';
import {
  lockWriterStatement,
  raiseEpochStatement,
  registerWriterStatement,
  restoreWriterStatement,
  retireWriterStatement,
} from './writers.js';

/** All statements for one schema, for sessions that keep nothing. `schema` is quoted. */
export function unnamedStatements(
  schema: string,
  lockClass: number,
): ReturnType<typeof statements> {
  const append = appendStatement(schema, { checksIsolation: true });
  const all = { ...statements(schema, lockClass), append };
  const entries = Object.entries(all as Record<string, Statement<never, unknown>>);
  // Each keeps its own type; the compiler loses it on the way through the entries.
  return Object.fromEntries(
    entries.map(([name, statement]) => [name, withoutName(statement)]),
  ) as unknown as ReturnType<typeof statements>;
}

/** All statements for one schema. `schema` is quoted. */
export function statements(schema: string, lockClass: number) {
  return {
    append: appendStatement(schema),
    appendInline: appendInlineStatement(schema),
    appendLockHolders: appendLockHoldersStatement(lockClass),
    audit: auditStatement(schema),
    beginVerb: beginVerbStatement(schema),
    claim: claimStatement(schema),
    endExpired: endExpiredStatement(schema),
    findCommands: findCommandsStatement(schema),
    finishVerb: finishVerbStatement(schema),
    findOutcomes: findOutcomesStatement(schema),
    heads: headsStatement(schema),
    incarnation: incarnationStatement(schema),
    lastPositions: lastPositionsStatement(schema),
    load: loadStatement(schema),
    logEnd: logEndStatement(schema),
    lockWriter: lockWriterStatement(lockClass),
    quarantineMark: quarantineMarkStatement(schema),
    quarantines: quarantinesStatement(schema),
    raiseEpoch: raiseEpochStatement(schema),
    readHeadRange: readHeadRangeStatement(schema),
    readLogHeads: readLogHeadsStatement(schema),
    readLog: readLogStatement(schema),
    readRange: readRangeStatement(schema),
    readRanges: readRangesStatement(schema),
    readStream: readStreamStatement(schema),
    registerWriter: registerWriterStatement(schema),
    release: releaseStatement(schema),
    renew: renewStatement(schema),
    restoreWriter: restoreWriterStatement(schema),
    retireWriter: retireWriterStatement(schema),
    saveSnapshots: saveSnapshotsStatement(schema),
    snapshotInfos: snapshotInfosStatement(schema),
    sweepOutcomes: sweepOutcomesStatement(schema),
  };
}
