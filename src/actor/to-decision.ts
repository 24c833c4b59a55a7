import type { Answer, AnswerEvent } from '../messages/answer.js';
import type { EventRow } from '../messages/event.js';
import { failureText, type OutcomeRow, rejectionText } from '../store/outcomes.js';
import type { Actor } from './actor.js';
import type { Verdict } from './decide.js';
import type { Decision } from './decision.js';
import type { QueuedCommand } from './queued-command.js';

/** Bytes of a row beside its payloads, about. */
const ROW_BYTES = 150;
const NO_ROWS: readonly EventRow[] = [];

/** Makes a verdict ready for the group commit. `fromVersion` is the version it was decided on. */
export function toDecision(
  actor: Actor,
  command: QueuedCommand,
  verdict: Verdict,
  options: { fromVersion: number; keepOutcomesMs: number },
): Decision {
  const { fromVersion } = options;
  const rows = verdict.kind === 'accepted' ? verdict.rows : NO_ROWS;
  const toVersion = fromVersion + rows.length;
  const isStored =
    verdict.kind === 'accepted' ||
    verdict.kind === 'rejected' ||
    (verdict.kind === 'failed' && command.message.keepsAll);
  const outcome =
    command.message.key !== '' && isStored
      ? outcomeOf(command, verdict, { fromVersion, toVersion, keepMs: options.keepOutcomesMs })
      : undefined;
  let bytes = outcome ? ROW_BYTES : 0;
  for (const row of rows) bytes += row.data.length + row.metadata.length + ROW_BYTES;
  return {
    actor,
    command,
    rows,
    fromVersion,
    toVersion,
    outcome,
    snapshot: verdict.kind === 'accepted' ? verdict.snapshot : undefined,
    bytes,
    answer: (positions, lastPosition) =>
      toAnswer(command.message.ref, verdict, { positions, lastPosition, version: toVersion }),
  };
}

function outcomeOf(
  command: QueuedCommand,
  verdict: Verdict,
  at: { fromVersion: number; toVersion: number; keepMs: number },
): OutcomeRow {
  const { message } = command;
  return {
    aggregate: message.aggregate,
    id: message.id,
    key: message.key,
    hash: command.hash,
    commandId: message.commandId,
    rejection: refusalText(verdict),
    ...at,
    keepMs: message.keepsAll ? Number.POSITIVE_INFINITY : at.keepMs,
  };
}

function refusalText(verdict: Verdict): string | undefined {
  if (verdict.kind === 'rejected') return rejectionText(verdict);
  return verdict.kind === 'failed' ? failureText(verdict) : undefined;
}

function toAnswer(
  ref: number,
  verdict: Verdict,
  at: { positions: readonly number[]; lastPosition: number; version: number },
): Answer {
  switch (verdict.kind) {
    case 'accepted':
      return {
        ref,
        kind: 'accepted',
        version: at.version,
        position: at.lastPosition,
        deduplicated: false,
        events: answerEvents(verdict.rows, at.positions),
        state: verdict.state,
      };
    case 'rejected':
      return { ref, kind: 'rejected', rejection: verdict.rejection, deduplicated: false };
    case 'refused':
      return {
        ref,
        kind: 'refused',
        code: verdict.code,
        message: verdict.message,
        details: verdict.details,
        cause: undefined,
      };
    case 'failed':
      return {
        ref,
        kind: 'failed',
        message: verdict.message,
        details: verdict.details,
        cause: verdict.cause,
      };
    case 'state':
      return {
        ref,
        kind: 'state',
        version: at.version,
        position: at.lastPosition,
        state: verdict.state,
      };
  }
}

function answerEvents(rows: readonly EventRow[], positions: readonly number[]): AnswerEvent[] {
  return rows.map((row, i) => ({
    type: row.type,
    data: row.data,
    version: row.version,
    position: positions[i] ?? 0,
  }));
}
