import { readFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { sampleFile } from '../../../../examples/loans/replay/options.js';
import type { Report } from '../../../../examples/loans/replay/report.js';
import { databaseUrl, freshSchema } from '../../../support/postgres.js';
import { Program } from '../../program.js';
import { event, log, logFile, trace, useLogFiles } from '../xes/log-files.js';

const deadlineMs = 240_000;

const sampleReport = {
  cases: 46,
  events: 864,
  rejected: 0,
  outcomes: { approved: 14, declined: 14, cancelled: 12, undecided: 6 },
  longestCase: 38,
  sagas: { started: 36, completed: 34, running: 2, followUps: 20, timersFired: 22 },
};

function replay(schema: string, ...args: string[]): Program {
  return new Program('dist/examples/loans/replay-cli.js', ['--schema', schema, ...args], {
    databaseUrl: databaseUrl(),
  });
}

async function reportOf(program: Program): Promise<Report> {
  const code = await program.ended();
  if (code !== 0) throw new Error(`exit code ${code}: ${program.stderr}`);
  return JSON.parse(program.stdout) as Report;
}

async function query(sql: string) {
  const client = new pg.Client(databaseUrl());
  await client.connect();
  try {
    return await client.query(sql);
  } finally {
    await client.end();
  }
}

/** The sample several times over, each time as other cases. */
async function biggerLog(copies: number): Promise<string> {
  const text = await readFile(sampleFile, 'utf8');
  const start = text.indexOf('\t<trace>');
  const end = text.lastIndexOf('</log>');
  const traces = Array.from({ length: copies }, (_, i) =>
    text.slice(start, end).replaceAll('value="L-', `value="${i}-L-`),
  );
  return logFile(text.slice(0, start) + traces.join('') + text.slice(end));
}

describe('npm run replay', { timeout: deadlineMs }, () => {
  useLogFiles();

  it('prints one JSON object, and a second run changes nothing', async () => {
    const schema = freshSchema();
    const first = await reportOf(replay(schema, '--json', '--shards', '1'));
    expect(first).toMatchObject({ ...sampleReport, deduplicated: 0 });
    expect(first.commandsPerSecond).toBeGreaterThan(0);
    const second = await reportOf(replay(schema, '--json', '--shards', '0', '--in-flight', '10'));
    const { seconds: _, commandsPerSecond: __, ...stored } = first;
    expect(second).toMatchObject({ ...stored, deduplicated: 864 });
    const { rows } = await query(
      `SELECT count(*)::int AS outcomes, min(expires_at)::text AS expiry FROM ${schema}.outcomes
       WHERE aggregate = 'loan-application'`,
    );
    expect(rows).toEqual([{ outcomes: 864, expiry: 'infinity' }]);
  });

  it('prints a table for people, and nothing of progress where there is no terminal', async () => {
    const program = replay(freshSchema(), '--shards', '0');
    expect(await program.ended()).toBe(0);
    expect(program.stdout).toMatch(/^loan applications +46$/m);
    expect(program.stdout).not.toContain('{');
    expect(program.stderr).toMatch(
      /^\S*sample\.xes to host 127\.0\.0\.1:\d+, database postgres, schema test_\w+\n$/,
    );
  });

  it('may run twice at once', async () => {
    const schema = freshSchema();
    const file = await biggerLog(4);
    const programs = [
      replay(schema, file, '--json', '--shards', '1'),
      replay(schema, file, '--json', '--shards', '0'),
    ];
    const reports = await Promise.all(programs.map(reportOf));
    for (const report of reports)
      expect(report).toMatchObject({
        ...{ cases: 184, events: 3_456, rejected: 0 },
        sagas: timesSagas(4),
      });
    expect(reports.reduce((sum, { deduplicated }) => sum + deduplicated, 0)).toBe(3_456);
  });

  it('exits with 1 and names the case when the store holds something else', async () => {
    const schema = freshSchema();
    await reportOf(replay(schema, '--json', '--shards', '0'));
    await query(`INSERT INTO ${schema}.events (slice, aggregate, id, version, type, data, metadata, command_id, occurred_at)
      SELECT slice, aggregate, id, version + 1, 'workScheduled', '{"work":"assessFraud"}', '{}', 'foreign', now()
      FROM ${schema}.events WHERE id = 'L-1001' ORDER BY version DESC LIMIT 1`);
    const program = replay(schema, '--json', '--shards', '0');
    expect(await program.ended()).toBe(1);
    expect(program.stderr).toContain('what is stored is not what was read, 2 differences:');
    expect(program.stderr).toContain('case L-1001: events read 3, stored 4');
    expect(program.stderr).toContain('case L-1001: events in the log read 3, stored 4');
    expect(JSON.parse(program.stdout)).toMatchObject({ cases: 46, events: 865 });
  });

  it('counts a rejected command, reports it and goes on', async () => {
    const text = await readFile(sampleFile, 'utf8');
    const rejected = text.replace('A_DECLINED', 'A_APPROVED');
    const schema = freshSchema();
    for (const deduplicated of [0, 863]) {
      const program = replay(schema, await logFile(rejected), '--json', '--shards', '0');
      expect(await reportOf(program)).toMatchObject({
        cases: 46,
        events: 863,
        rejected: 1,
        deduplicated,
      });
      expect(program.stderr).toContain('rejected: case L-1001, event 2: LOAN_WRONG_STAGE: ');
    }
  });

  it('says in one line that a file is missing, before it touches a database', async () => {
    const program = new Program('dist/examples/loans/replay-cli.js', ['nowhere.xes', '--json'], {
      databaseUrl: 'postgres://nobody@127.0.0.1:1/nothing',
    });
    expect(await program.ended()).toBe(2);
    expect(program.stderr).toBe('replay: nowhere.xes: there is no such file\n');
    expect(program.stdout).toBe('');
  });

  it('says in one line where a file is broken, also after what it could send', async () => {
    const schema = freshSchema();
    const text = await readFile(sampleFile, 'utf8');
    const program = replay(
      schema,
      await logFile(text.slice(0, text.length / 2)),
      '--json',
      '--shards',
      '0',
    );
    expect(await program.ended()).toBe(2);
    expect(program.stderr.split('\n').slice(1)).toEqual([
      expect.stringMatching(/^replay: \S+\.xes:\d+: the file ends too early/),
      '',
    ]);
    expect(await reportOf(replay(schema, '--json', '--shards', '0'))).toMatchObject(sampleReport);
  });

  it('says in one line what an activity is that it does not know', async () => {
    const attributes =
      '<string key="AMOUNT_REQ" value="1"/><date key="REG_DATE" value="2024-02-01T10:00:00+01:00"/>';
    const file = await logFile(log(trace('X', attributes, event('A_SUBMITED'))));
    const program = replay(freshSchema(), file, '--json', '--shards', '0');
    expect(await program.ended()).toBe(2);
    expect(program.stderr).toContain(`replay: ${file}:5: case X: unknown activity "A_SUBMITED"`);
  });

  it('says in one line that the database is not there', async () => {
    const program = new Program('dist/examples/loans/replay-cli.js', [], {
      databaseUrl: 'postgres://nobody:secret@127.0.0.1:1/nothing',
    });
    expect(await program.ended()).toBe(2);
    expect(program.stderr).toMatch(/\nreplay: .*ECONNREFUSED.*\n$/);
    expect(program.stderr.trim().split('\n')).toHaveLength(2);
    expect(program.stderr).not.toContain('secret');
  });

  it('stops cleanly on SIGINT, says how to go on, and a second run finishes it', async () => {
    const schema = freshSchema();
    const copies = 12;
    const file = await biggerLog(copies);
    const program = replay(schema, file, '--json', '--shards', '1');
    await untilStored(schema, 1_000);
    program.signal('SIGINT');
    // npm passes on to its child what the terminal has sent to both.
    program.signal('SIGINT');
    expect(await program.ended()).toBe(130);
    expect(program.stderr).toMatch(
      /\nstopped: run it again to continue, nothing is stored twice\n$/,
    );
    expect(program.stdout).toBe('');
    const stored = await storedEvents(schema);
    expect(stored).toBeLessThan(copies * 864);
    const second = await reportOf(replay(schema, file, '--json', '--shards', '1'));
    expect(second).toMatchObject({
      cases: copies * 46,
      events: copies * 864,
      rejected: 0,
      deduplicated: stored,
      sagas: timesSagas(copies),
    });
  });

  it('is made whole by a second run when it was killed, whenever that was', async () => {
    const schema = freshSchema();
    const copies = 10;
    const file = await biggerLog(copies);
    let deduplicated = 0;
    let inTheMiddle = 0;
    for (let kills = 0; kills < 4; kills++) {
      const program = replay(schema, file, '--json', '--shards', String(kills % 3));
      const left = copies * 864 - deduplicated;
      // The first one may be killed before it has made its tables.
      await untilStored(schema, Math.floor(deduplicated + Math.random() * left * 0.5));
      program.signal('SIGKILL');
      expect(await program.ended()).toBe('SIGKILL');
      deduplicated = await storedEvents(schema);
      if (deduplicated > 0 && deduplicated < copies * 864) inTheMiddle++;
    }
    const report = await reportOf(replay(schema, file, '--json', '--shards', '2'));
    const { seconds: _, commandsPerSecond: __, ...stored } = report;
    // The server may have finished a commit after it was counted.
    expect(stored.deduplicated).toBeGreaterThanOrEqual(deduplicated);
    expect(inTheMiddle).toBeGreaterThan(0);
    expect(stored).toEqual({
      cases: copies * 46,
      events: copies * 864,
      rejected: 0,
      deduplicated: expect.any(Number),
      outcomes: {
        approved: copies * 14,
        declined: copies * 14,
        cancelled: copies * 12,
        undecided: copies * 6,
      },
      amountRequested: copies * 1_062_500,
      longestCase: 38,
      sagas: timesSagas(copies),
    });
  });

  it('gives the same when it was ended while time was passing', async () => {
    const schema = freshSchema();
    const copies = 10;
    const file = await biggerLog(copies);
    for (const [signal, steps] of [
      ['SIGKILL', 1],
      ['SIGINT', 500],
    ] as const) {
      const program = replay(schema, file, '--json', '--shards', '1');
      // Sent in full; the sagas are still at it, or time passes to the end of the log.
      await untilStored(schema, copies * 864);
      await untilSteps(schema, steps);
      program.signal(signal);
      // It may have come to its end meanwhile.
      expect([signal, 130, 0]).toContain(await program.ended());
    }
    const report = await reportOf(replay(schema, file, '--json', '--shards', '2'));
    expect(report).toMatchObject({ deduplicated: copies * 864, sagas: timesSagas(copies) });
    expect(await countOf(schema, "'follow-up-call'")).toBe(copies * 20);
  });
});

function timesSagas(copies: number): object {
  const figures = Object.entries(sampleReport.sagas);
  return Object.fromEntries(figures.map(([name, figure]) => [name, figure * copies]));
}

/** Of loan applications. */
function storedEvents(schema: string): Promise<number> {
  return countOf(schema, "'loan-application'");
}

async function countOf(schema: string, aggregate: string): Promise<number> {
  const { rows } = await query(
    `SELECT count(*)::int AS events FROM ${schema}.events WHERE aggregate = ${aggregate}`,
  );
  return rows[0].events;
}

/** Waits until the sagas have taken so many steps. */
async function untilSteps(schema: string, steps: number): Promise<void> {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; )
    if ((await countOf(schema, "'$saga/offer-follow-up'")) >= steps) return;
  throw new Error(`less than ${steps} steps after a minute`);
}

/** Waits until a replay under way has stored so many events; asks seldom, so as not to be what slows it down. */
async function untilStored(schema: string, events: number): Promise<void> {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await setTimeout(20)) {
    if ((await storedEvents(schema).catch(() => 0)) >= events) return;
  }
  throw new Error(`less than ${events} events after a minute`);
}
