import { chmod, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { databaseUrl } from '../../support/postgres.js';
import { Program } from '../program.js';

const deadlineMs = 90_000;
const promisedMs = 5_000;
const embedded =
  'Troupe: host 127.0.0.1 (embedded, in .troupe), database postgres, schema troupe\n';
const up = 'Troupe is up';

describe('npm start', { timeout: deadlineMs }, () => {
  let cwd: string;
  let programs: Program[];

  beforeEach(async () => {
    cwd = await realpath(await mkdtemp(join(tmpdir(), 'troupe-start-')));
    // Started by root, the server runs as another user, who must be able to enter.
    await chmod(cwd, 0o755);
    programs = [];
  });
  afterEach(async () => {
    // In order, so that the last one out stops the server.
    for (const program of programs) program.signal('SIGTERM');
    for (const program of programs) await program.ended();
    await rm(cwd, { recursive: true, force: true });
  });

  function start(): Program {
    const program = new Program('examples/loans/start.ts', [], { cwd });
    programs.push(program);
    return program;
  }

  it('says where it works, replays the sample, stays up, and stops on Ctrl-C', async () => {
    const startedMs = performance.now();
    const program = start();
    await program.says(embedded);
    expect(performance.now() - startedMs).toBeLessThan(promisedMs);
    await program.says(up);
    expect(program.stdout.startsWith(embedded)).toBe(true);
    expect(program.stdout).toMatch(/^loan applications +46$/m);
    expect(program.stdout).toMatch(/^events +864$/m);
    expect(program.stdout).toMatch(/^offers followed up +36$/m);
    expect(program.stdout).toMatch(/^ {2}calls to customers +20$/m);
    expect(program.stdout).not.toContain('already stored');
    program.signal('SIGINT');
    expect(await program.ended()).toBe(0);
    expect(program.stdout).toMatch(/\nstopped\n$/);
    expect(program.stderr).toBe('');
  });

  it('shares its server with a second one, which finds everything stored', async () => {
    const first = start();
    const second = start();
    await Promise.all([first.says(up), second.says(up)]);
    first.signal('SIGTERM');
    expect(await first.ended()).toBe(0);
    const third = start();
    await third.says(up);
    expect(third.stdout).toContain('already stored by an earlier start');
    expect(third.stdout).toMatch(/^events +864$/m);
    for (const program of [second, third]) {
      program.signal('SIGTERM');
      expect(await program.ended()).toBe(0);
    }
  });

  it('stops cleanly when it is asked to before it is up', async () => {
    const program = start();
    await program.says('starting Postgres');
    program.signal('SIGINT');
    expect(await program.ended()).toBe(0);
    expect(program.stdout).not.toContain(up);
  });

  it('says in one line that the database it was given is not there', async () => {
    const program = new Program('examples/loans/start.ts', [], {
      cwd,
      databaseUrl: `${databaseUrl()}_not`,
    });
    expect(await program.ended()).toBe(2);
    expect(program.stdout).toMatch(/^Troupe: host 127\.0\.0\.1:\d+, database postgres_not, /);
    expect(program.stderr).toMatch(/^start: .*"postgres_not" does not exist.*\n$/);
  });
});
