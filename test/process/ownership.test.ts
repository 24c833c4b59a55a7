import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { type LogRow, useDatabase } from '../threads/support/use-database.js';
import { expectNoLostUpdate } from '../threads/support/workload.js';
import { Child } from './support/child.js';

const db = useDatabase();
const script = new URL('./support/serving-process.js', import.meta.url);

describe.each(['0', '2'])(
  'two processes that want one log, with %s shard threads each',
  (SHARDS) => {
    it('the second stands by, refuses with the owner named, and takes over when the first drains', async () => {
      const [first, second] = await pair({ SHARDS });
      await eventually(() => expect(second.heard('no').length).toBeGreaterThan(3));
      for (const line of second.heard('no'))
        expect(line).toMatch(new RegExp(`^no \\d+ NotOwner ${first.child.pid}$`));
      first.child.signal('SIGTERM');
      await second.owns();
      expect(await first.child.exit(), first.child.stderr).toBe(0);
      expect(first.child.lines).toContain('stopped');
      expect(first.codes()).toEqual([]); // all that was under way was finished
      await finish(second);
      await expectTruth([first, second]);
    });

    it('the second takes over when the first is killed, and loses nothing that was acknowledged', async () => {
      const [first, second] = await pair({ SHARDS, LEASE_MS: '1000' });
      await first.child.kill();
      await second.owns();
      await finish(second);
      await expectTruth([first, second]);
    });

    it('the second takes over when the first is stopped; woken, it commits nothing and stands by', async () => {
      const [first, second] = await pair({ SHARDS, LEASE_MS: '1000' });
      first.child.signal('SIGSTOP');
      await second.owns();
      const before = tokensOf(await db.rows(), 'first');
      const told = first.heard('ok').length;
      first.child.signal('SIGCONT');
      await eventually(() => expect(first.child.lines).toContain('standby'));
      // It goes on to ask, and is refused.
      const refused = first.heard('no').length;
      await eventually(() => expect(first.heard('no').length).toBeGreaterThan(refused + 20));
      expect(first.codes()).toEqual(['NotOwner']);
      expect(first.heard('no').at(-1)).toMatch(new RegExp(` ${second.child.pid}$`));
      expect(tokensOf(await db.rows(), 'first')).toEqual(before);
      // What it had stored before and not told, it tells; nothing else.
      expect(first.heard('ok').length - told).toBeLessThanOrEqual(10);

      // And it takes the log back when the other one leaves.
      await finish(second);
      await first.owns();
      await finish(first);
      await expectTruth([first, second]);
    });
  },
);

it('a stopped owner is not waited for by its own commits that are under way', async () => {
  const [first, second] = await pair({ SHARDS: '2', LEASE_MS: '1000' });
  for (let i = 0; i < 3; i++) {
    const [owner, other] = i % 2 === 0 ? [first, second] : [second, first];
    const owned = other.heard('own').length;
    owner.child.signal('SIGSTOP');
    await eventually(() => expect(other.heard('own').length).toBeGreaterThan(owned));
    await other.tells('ok', 5);
    owner.child.signal('SIGCONT');
    await owner.tells('no', 5);
  }
  await finish(second);
  await finish(first);
  await expectTruth([first, second]);
});

/** A process that serves, and what it has told. */
class Service {
  readonly child: Child;

  constructor(
    readonly name: string,
    env: Record<string, string>,
  ) {
    this.child = new Child(script, {
      ...{ URL_OF_DATABASE: db.url, SCHEMA: db.schema, RUN: name },
      ...env,
    });
  }

  heard(word: string): string[] {
    return this.child.lines.filter((line) => line.split(' ')[0] === word);
  }

  /** Why commands were not executed, each reason once. */
  codes(): string[] {
    return [...new Set(this.heard('no').map((line) => line.split(' ')[2]!))];
  }

  /** Resolves when it has told so many more lines of this kind. */
  async tells(word: string, more: number): Promise<void> {
    const wanted = this.heard(word).length + more;
    await eventually(() =>
      expect(this.heard(word).length, this.child.stderr).toBeGreaterThanOrEqual(wanted),
    );
  }

  /** Resolves when it owns the log and has had commands accepted since. */
  async owns(): Promise<void> {
    await eventually(() => expect(this.heard('own'), this.child.stderr).not.toEqual([]));
    await this.tells('ok', 20);
  }
}

/** The owner, at work, and the one who stands by. */
async function pair(env: Record<string, string>): Promise<[Service, Service]> {
  const first = new Service('first', env);
  await first.owns();
  const second = new Service('second', env);
  await second.child.wrote(1);
  expect(second.child.lines[0]).toBe('standby');
  return [first, second];
}

async function finish({ child }: Service): Promise<void> {
  child.signal('SIGTERM');
  expect(await child.exit(), child.stderr).toBe(0);
}

/** Acknowledged: in the log once, at that version. Refused: not in the log. */
async function expectTruth(services: readonly Service[]): Promise<void> {
  await eventually(async () => expect(await db.sessions('%')).toEqual([]));
  const rows = await db.rows();
  expectNoLostUpdate(rows);
  const stored = new Map(rows.map((row) => [row.data.token, row.version]));
  expect(stored.size, 'no token twice').toBe(rows.length);
  for (const service of services) {
    for (const line of service.heard('ok')) {
      const [, n, version] = line.split(' ');
      expect(stored.get(`${service.name}-${n}`), line).toBe(Number(version));
    }
    for (const line of service.heard('no')) {
      const [, n, code] = line.split(' ');
      if (code !== 'OutcomeUnknown') expect(stored.has(`${service.name}-${n}`), line).toBe(false);
    }
  }
}

function tokensOf(rows: readonly LogRow[], name: string): string[] {
  return rows.map((row) => row.data.token).filter((token) => token.startsWith(name));
}
