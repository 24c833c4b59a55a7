import { grouped } from './progress-line.js';
import type { Report } from './report.js';

/** The report as a table for people. */
export function reportTable(report: Report): string {
  const { approved, declined, cancelled, undecided } = report.outcomes;
  const { started, completed, running, followUps, timersFired } = report.sagas;
  const rows: readonly (readonly [string, string])[] = [
    ['loan applications', grouped(report.cases)],
    ['  approved', grouped(approved)],
    ['  declined', grouped(declined)],
    ['  cancelled', grouped(cancelled)],
    ['  undecided', grouped(undecided)],
    ['amount requested, euros', grouped(report.amountRequested)],
    ['events', grouped(report.events)],
    ['  of the longest application', grouped(report.longestCase)],
    ['offers followed up', grouped(started)],
    ['  until they ended', grouped(completed)],
    ['  still out', grouped(running)],
    ['  timers fired', grouped(timersFired)],
    ['  calls to customers', grouped(followUps)],
    ['commands rejected', grouped(report.rejected)],
    ['  stored by an earlier run', grouped(report.deduplicated)],
    ['seconds to send them', report.seconds.toFixed(3)],
    ['  commands per second', grouped(report.commandsPerSecond)],
  ];
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = ([name, figure]: readonly [string, string]) =>
    `${name.padEnd(widths[0] ?? 0)}  ${figure.padStart(widths[1] ?? 0)}`;
  return rows.map(line).join('\n');
}
