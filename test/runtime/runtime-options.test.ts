import { MemoryLog, type RuntimeOptions, SetupError, startRuntime } from 'troupe';
import { describe, expect, it } from 'vitest';
import { resolveOptions } from '../../src/runtime-options.js';
import { account, grant } from '../support/account.js';

const url = new URL('../support/account.ts', import.meta.url);
const postgres = { kind: 'postgres', url: 'postgres://localhost/x' } as const;
const memory = { kind: 'memory' } as const;

describe('options of a runtime', () => {
  it('have the defaults of the design', () => {
    const { shard, ...options } = resolveOptions({ domain: url, store: postgres });
    expect(options).toMatchObject({
      ...{ maxInFlight: 50_000, timeoutMs: 30_000, unknownAfterMs: 10_000 },
    });
    expect(options.shards).toBeGreaterThanOrEqual(1);
    expect(shard).toMatchObject({
      ...{ batch: { maxRows: 500, maxBytes: 1024 * 1024 }, lockTimeoutMs: 1000 },
      ...{ mailboxSize: 10_000, maxConflicts: 20, idleMs: 600_000, freezeState: true },
      ...{ limits: { maxBytes: 1024 * 1024, maxDepth: 64 }, keepOutcomesMs: 604_800_000 },
    });
  });

  it('freeze the state unless in production', () => {
    const before = process.env.NODE_ENV;
    process.env.NODE_ENV = 'production';
    try {
      expect(resolveOptions({ domain: url, store: postgres }).shard.freezeState).toBe(false);
    } finally {
      process.env.NODE_ENV = before;
    }
  });

  it.each([
    ['shards', -1, 'a whole number from 0 to 64'],
    ['shards', 1.5, 'a whole number from 0 to 64'],
    ['shards', 65, 'a whole number from 0 to 64'],
    ['maxBatchRows', 0, 'a whole number from 1 to 10000'],
    ['maxBatchBytes', Number.NaN, 'a whole number from 1024 to 67108864'],
    ['mailboxSize', '10', 'a whole number from 1 to 1000000'],
    ['maxInFlight', null, 'a whole number from 1 to 1000000'],
    ['timeoutMs', Number.POSITIVE_INFINITY, 'a whole number from 1 to 86400000'],
    ['keepOutcomesMs', -1, 'a whole number from 0 to Infinity'],
    ['leaseMs', 199, 'a whole number from 200 to 86400000'],
    ['ownership', 'mine', "'shared' or 'exclusive'"],
  ])('%s: %s is refused, naming what is expected', (option, given, expected) => {
    const options = { domain: url, store: postgres, [option]: given } as RuntimeOptions;
    expect(() => resolveOptions(options)).toThrow(
      expect.objectContaining({
        code: 'InvalidOption',
        details: expect.objectContaining({ option, expected }),
      }),
    );
  });

  it.each<[unknown, string, string]>([
    [true, 'indexes', '{ commands?: boolean, correlations?: boolean }'],
    [
      { command: true },
      'indexes.command',
      'one of commands, correlations (did you mean commands?)',
    ],
    [{ commands: 'yes' }, 'indexes.commands', 'true or false'],
  ])('indexes: %j is refused, naming what is expected', (indexes, option, expected) => {
    const options = { domain: url, store: postgres, indexes } as RuntimeOptions;
    expect(() => resolveOptions(options)).toThrow(
      expect.objectContaining({ details: expect.objectContaining({ option, expected }) }),
    );
  });

  it('indexes are kept in Postgres', () => {
    const options = { domain: url, store: { kind: 'memory' as const }, shards: 0 };
    expect(() => resolveOptions({ ...options, indexes: { commands: true } })).toThrow(
      'Option indexes.commands: expected the store postgres',
    );
    expect(resolveOptions({ ...options, indexes: { commands: false } }).indexes).toEqual({
      commands: false,
    });
  });

  it('keepOutcomesMs may be for ever', () => {
    const options = { domain: url, store: postgres, keepOutcomesMs: Number.POSITIVE_INFINITY };
    expect(resolveOptions(options).shard.keepOutcomesMs).toBe(Number.POSITIVE_INFINITY);
  });

  it.each([
    [{ shard: 2 }, 'shard', 'an unknown option'],
    [{ store: { kind: 'mysql' } }, 'store.kind', '"mysql"'],
    [{ store: undefined }, 'store.kind', undefined],
    [{ store: { kind: 'postgres' } }, 'store.url', 'undefined'],
    [{ store: { ...postgres, shema: 'x' } }, 'store.shema', 'an unknown option'],
    [{ store: { ...postgres, lockTimeoutMs: 0 } }, 'store.lockTimeoutMs', '0'],
    [{ store: { ...memory, url: 'x' }, shards: 0 }, 'store.url', 'an unknown option'],
    [{ store: memory, shards: 1 }, 'shards', '1'],
    [{ store: memory }, 'shards', undefined],
    [{ domain: { account }, shards: 1 }, 'domain', 'object'],
  ])('%o is refused as %s', async (given, option, value) => {
    const options = { domain: url, store: postgres, ...given } as unknown as RuntimeOptions;
    const refused = { code: 'InvalidOption', details: { option, ...(value && { given: value }) } };
    await expect(startRuntime(options)).rejects.toMatchObject(refused);
    await expect(startRuntime(options)).rejects.toBeInstanceOf(SetupError);
  });
});

it('names the module that does not exist as it was given, and the one looked for in its stead', async () => {
  const domain = new URL('./missing.ts', import.meta.url);
  await expect(startRuntime({ domain, store: memory, shards: 0 })).rejects.toMatchObject({
    code: 'DomainNotLoaded',
    message: expect.stringMatching(/missing\.ts does not exist, and neither does .*missing\.js$/),
  });
});

describe('a runtime on a log in memory', () => {
  it('takes the domain module itself, and another one goes on where it ended', async () => {
    const log = new MemoryLog();
    const options = { domain: { account }, store: { ...memory, log }, shards: 0 };
    const first = await startRuntime(options);
    await first.aggregate(account).send('a', grant(5));
    await first.stop();
    const second = await startRuntime({ ...options, domain: url });
    const state = await second.aggregate(account).state('a');
    expect(state).toMatchObject({ version: 1, state: { balance: 5 } });
    await second.stop();
  });

  it('refuses to wait for ever when it stops', async () => {
    const runtime = await startRuntime({ domain: { account }, store: memory, shards: 0 });
    const drainMs = Number.POSITIVE_INFINITY;
    await expect(runtime.stop({ drainMs })).rejects.toMatchObject({ code: 'InvalidOption' });
    await runtime.stop({ drainMs: 0 });
  });

  it('refuses a definition that its domain module does not export', async () => {
    const runtime = await startRuntime({ domain: { account }, store: memory, shards: 0 });
    const unknown = { ...account, name: 'other' };
    expect(() => runtime.aggregate(unknown)).toThrow(
      expect.objectContaining({ code: 'UnknownAggregate' }),
    );
    await runtime.stop();
  });
});
