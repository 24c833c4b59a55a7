import { chmod, mkdtemp, realpath, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { buildWebIfStale } from '../../../scripts/build-web.js';
import { databaseUrl } from '../../support/postgres.js';
import { Program } from '../program.js';

const deadlineMs = 90_000;
const promisedMs = 5_000;
const place = 'the log: host 127.0.0.1 (embedded, in .troupe), database postgres, schema troupe\n';
const up = 'Troupe is up';

/** Where a program that has said its URL is. */
function urlOf({ stdout }: Program): string {
  return /^Troupe: (http:\/\/127\.0\.0\.1:\d+)\n/.exec(stdout)?.[1] ?? 'no URL';
}

/** What a running program answers. */
async function look(program: Program, path: string): Promise<{ items: readonly object[] }> {
  const response = await fetch(`${urlOf(program)}${path}`);
  expect([path, response.status]).toEqual([path, 200]);
  return (await response.json()) as { items: readonly object[] };
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('npm start', { timeout: deadlineMs }, () => {
  let cwd: string;
  let port: number;
  let programs: Program[];

  // What a first start does beside all else.
  beforeAll(() => buildWebIfStale(), 120_000);
  beforeEach(async () => {
    cwd = await realpath(await mkdtemp(join(tmpdir(), 'troupe-start-')));
    // Started by root, the server runs as another user, who must be able to enter.
    await chmod(cwd, 0o755);
    port = await freePort();
    programs = [];
  });
  afterEach(async () => {
    // In order, so that the last one out stops the server.
    for (const program of programs) program.signal('SIGTERM');
    for (const program of programs) await program.ended();
    await rm(cwd, { recursive: true, force: true });
  });

  function start(): Program {
    const program = new Program('examples/loans/start.ts', [], { cwd, env: { PORT: `${port}` } });
    programs.push(program);
    return program;
  }

  it('says where it is at once, replays the sample, and keeps every page busy', async () => {
    const startedMs = performance.now();
    const first = start();
    await first.says('Troupe: http');
    expect(performance.now() - startedMs).toBeLessThan(promisedMs);
    const page = await fetch(urlOf(first), { headers: { accept: 'text/html' } });
    expect([page.status, page.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await page.text()).toMatch(/http-equiv="refresh"[\s\S]*Troupe is starting/);
    await first.says(up);
    expect(first.stdout).toContain(place);
    expect(first.stdout).toMatch(/^loan applications +46$/m);
    expect(first.stdout).toMatch(/^events +864$/m);
    expect(first.stdout).toMatch(/^offers followed up +36$/m);
    expect(first.stdout).toMatch(/^ {2}calls to customers +20$/m);
    expect(first.stdout).not.toContain('already stored');
    await expectLoad(first);

    // Another one on the same log, beside the load of the first.
    const second = start();
    await second.says(up);
    expect(urlOf(second)).not.toBe(urlOf(first));
    expect(second.stdout).toContain('already stored by an earlier start');
    expect(second.stdout).toMatch(/^events +864$/m);
    expect(second.stdout).toMatch(/^ {2}calls to customers +20$/m);
    // Another pipe: it may be read after what was said later.
    await expect
      .poll(() => second.stderr)
      .toMatch(/^not counted: \d+ loan applications that this file /m);
    first.signal('SIGINT');
    expect(await first.ended()).toBe(0);
    expect(first.stdout).toMatch(/\nstopping\nstopped\n$/);
    expect(first.stderr).toMatch(/^letters cannot handle .*live-without-address.*\n$/);
    expect((await fetch(`${urlOf(second)}/health/ready`)).status).toBe(200);
    second.signal('SIGTERM');
    expect(await second.ended()).toBe(0);
  });

  it('stops cleanly when it is asked to before it is up', async () => {
    const program = start();
    await program.says('starting Postgres');
    program.signal('SIGINT');
    expect(await program.ended()).toBe(0);
    expect(program.stdout).toMatch(/\nstopping\nstopped\n$/);
    expect(program.stdout).not.toContain(up);
  });

  it('says in one line that the database it was given is not there', async () => {
    const program = new Program('examples/loans/start.ts', [], {
      ...{ cwd, databaseUrl: `${databaseUrl()}_not`, env: { PORT: `${port}` } },
    });
    expect(await program.ended()).toBe(2);
    expect(program.stdout).toMatch(/^the log: host 127\.0\.0\.1:\d+, database postgres_not, /m);
    expect(program.stderr).toMatch(/^start: .*"postgres_not" does not exist.*\n$/);
  });

  it.each(['x', '65536'])('says in one line that %s is no port', async (PORT) => {
    const program = new Program('examples/loans/start.ts', [], { cwd, env: { PORT } });
    expect(await program.ended()).toBe(2);
    expect(program.stderr).toBe(`start: PORT: expected a port from 0 to 65535, got ${PORT}\n`);
  });
});

/** Every page has something to show. */
async function expectLoad(program: Program): Promise<void> {
  const some = { timeout: 30_000, interval: 100 };
  const first = async (path: string) => (await look(program, path)).items[0];
  await expect
    .poll(() => first('/inspect/subscriptions/letters/parked?open=true'), some)
    .toMatchObject({
      ...{ aggregate: 'customer-file', id: 'live-without-address' },
      error: { message: 'customer file live-without-address has no address' },
    });
  await expect
    .poll(() => first('/inspect/actors?aggregate=credit-bureau&minMailbox=1'), some)
    .toMatchObject({ id: 'bureau', status: 'busy' });
  await expect.poll(() => first('/inspect/timers?aggregate=customer-file'), some).toBeDefined();
  await expect.poll(() => first('/inspect/sagas/intake?status=active'), some).toBeDefined();
  await expect
    .poll(() => first('/inspect/actors?aggregate=loan-application&idPrefix=live-'), some)
    .toBeDefined();
}
