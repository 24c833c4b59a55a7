import { describe, expect, it } from 'vitest';
import { MemoryLog } from '../../src/store/memory-log.js';
import { openMemoryStore } from '../../src/store/memory-store.js';
import type { Operations } from '../../src/store/operations.js';
import { useLog } from '../postgres/support/use-log.js';

const log = useLog();
const stream = { aggregate: 'account', id: 'a' };
const asked = { who: 'Ada', why: 'a test' };
const stores: [string, () => Operations][] = [
  ['memory', () => openMemoryStore(new MemoryLog()).operations!],
  ['Postgres', () => log.open().operations],
];

describe.each(stores)('what operators do, kept in %s', (_, open) => {
  it('is listed newest first, in pages, of all or of one actor', async () => {
    const operations = open();
    const numbers: number[] = [];
    for (const [verb, id] of [
      ['passivate', 'x'],
      ['reload', 'y'],
      ['snapshot', 'x'],
    ] as const)
      numbers.push(await operations.begin({ verb, aggregate: 'paged', id, ...asked }));
    await operations.finish(numbers[1]!, { result: 'done', message: 'it was' });
    const page = { before: Number.MAX_SAFE_INTEGER, limit: 2 };
    const first = await operations.audit(page);
    expect(first).toMatchObject([
      {
        number: numbers[2],
        verb: 'snapshot',
        id: 'x',
        ...asked,
        result: undefined,
        finishedAt: undefined,
      },
      { number: numbers[1], verb: 'reload', id: 'y', result: 'done', message: 'it was' },
    ]);
    expect(first[1]!.finishedAt).toBeGreaterThanOrEqual(first[1]!.at);
    const rest = await operations.audit({ ...page, before: numbers[1]! });
    expect(rest[0]).toMatchObject({ number: numbers[0], verb: 'passivate' });
    const own = await operations.audit({
      ...page,
      limit: 9,
      stream: { aggregate: 'paged', id: 'x' },
    });
    expect(own.map(({ number }) => number)).toEqual([numbers[2], numbers[0]]);
  });

  it('moves the mark of quarantines, and nothing else does', async () => {
    const operations = open();
    const before = await operations.quarantineMark();
    await operations.begin({ verb: 'reload', ...stream, ...asked });
    expect(await operations.quarantineMark()).toBe(before);
    await operations.begin({ verb: 'quarantine', ...stream, ...asked });
    await operations.begin({ verb: 'quarantine', ...stream, who: 'Bob', why: 'as well' });
    const { mark, streams } = await operations.quarantines();
    expect({ mark, mine: await operations.quarantineMark() }).toEqual({
      mark: before + 2,
      mine: mark,
    });
    const [row] = streams.filter(({ id }) => id === 'a');
    expect(row).toMatchObject({ ...stream, who: 'Bob', why: 'as well' });
    expect(Math.abs(Date.now() - row!.since)).toBeLessThan(60_000);
    await operations.begin({ verb: 'release', ...stream, ...asked });
    expect(await operations.quarantines()).toEqual({ mark: mark + 1, streams: [] });
  });

  it('tells of a stream without events that there is nothing', async () => {
    expect(await open().streamFacts({ aggregate: 'account', id: 'nobody' }, 10)).toEqual({
      ...{ snapshots: [], lastPositions: [] },
    });
  });
});
