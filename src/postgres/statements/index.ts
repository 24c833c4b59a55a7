import { appendStatement } from './append.js';
import { appendLockHoldersStatement } from './append-lock.js';
import { incarnationStatement } from './incarnation.js';
import { loadStatement } from './load.js';
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
  readLogStatement,
  readRangeStatement,
  readRangesStatement,
  readStreamStatement,
} from './read-events.js';
import { saveSnapshotsStatement } from './snapshots.js';
import {
  lockWriterStatement,
  raiseEpochStatement,
  registerWriterStatement,
  restoreWriterStatement,
  retireWriterStatement,
} from './writers.js';

/** All statements for one schema. `schema` is quoted. */
export function statements(schema: string, lockClass: number) {
  return {
    append: appendStatement(schema),
    appendLockHolders: appendLockHoldersStatement(lockClass),
    claim: claimStatement(schema),
    endExpired: endExpiredStatement(schema),
    findCommands: findCommandsStatement(schema),
    findOutcomes: findOutcomesStatement(schema),
    heads: headsStatement(schema),
    incarnation: incarnationStatement(schema),
    load: loadStatement(schema),
    lockWriter: lockWriterStatement(lockClass),
    raiseEpoch: raiseEpochStatement(schema),
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
    sweepOutcomes: sweepOutcomesStatement(schema),
  };
}
