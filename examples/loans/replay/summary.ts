import type { Replay } from './replay.js';
import { differences, otherCases } from './report.js';
import type { SentLog } from './send-log.js';

const shownDifferences = 10;

/** What a report does not show: which steps were rejected, and what else is in the log. */
export function remarks({ sent, stored }: Replay): readonly string[] {
  const others = otherCases(sent, stored);
  if (others === 0) return rejectionLines(sent);
  return [
    ...rejectionLines(sent),
    `not counted: ${others} loan applications that this file does not have`,
  ];
}

function rejectionLines({ rejections, rejected }: SentLog): readonly string[] {
  const lines = rejections.map(
    ({ caseId, index, code, message }) =>
      `rejected: case ${caseId}, event ${index}: ${code}: ${message}`,
  );
  const hidden = rejected - lines.length;
  return hidden > 0 ? [...lines, `rejected: ${hidden} more`] : lines;
}

/** Says where what is stored differs from what was read; nothing if it agrees. */
export function disagreement({ sent, stored }: Replay): readonly string[] {
  const all = [...differences(sent, stored)];
  if (all.length === 0) return [];
  const shown = all.slice(0, shownDifferences);
  return [`what is stored is not what was read, ${all.length} differences:`, ...shown];
}
