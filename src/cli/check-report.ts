import type { CheckResult, Finding } from './check-log.js';

const PROBLEMS: Readonly<Record<Finding['problem'], string>> = {
  unknownAggregate: 'unknown aggregate',
  unknownType: 'unknown type',
  unknownVersion: 'unknown version',
  unreadable: 'cannot be read',
};
const HEAD = ['PROBLEM', 'EVENT', 'SCHEMA', 'COUNT', 'EXAMPLES'];

/** What a check found, for people. */
export function checkReport({ clean, events, read, findings }: CheckResult): string {
  const summary = `${events} events in the log, ${read} read by upcasters or decoders: `;
  if (clean) return `${summary}all can be read.\n`;
  const rows = findings.map((finding) => [
    PROBLEMS[finding.problem],
    printable(`${finding.aggregate}.${finding.type}`),
    String(finding.schemaVersion),
    String(finding.count),
    finding.examples.join(' '),
  ]);
  const [head, ...lines] = table([HEAD, ...rows]);
  const body = lines.flatMap((line, i) => [line, `  ${printable(findings[i]?.reason ?? '')}`]);
  const unreadable = findings.reduce((sum, { count }) => sum + count, 0);
  return `${[head, ...body].join('\n')}\n\n${summary}${unreadable} cannot be read.\n`;
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = HEAD.map((_, i) => Math.max(...rows.map((row) => (row[i] ?? '').length)));
  return rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** Names in a log may hold anything, also what moves a terminal's cursor. */
function printable(text: string): string {
  return text.replace(/\p{C}/gu, (character) => encodeURIComponent(character.toWellFormed()));
}
