import { MemoryLog } from 'troupe';
import { FakeClock, given, testRuntime, times, unavailable } from 'troupe/testing';
import { describe, expect, it } from 'vitest';
import { close, forget, note, remind, write } from './support/note.js';

const NOON = Date.UTC(2024, 1, 29, 12);
const DAY = 24 * 60 * 60 * 1000;

async function rung(troupe: Awaited<ReturnType<typeof testRuntime>>, id: string) {
  const events = [];
  for await (const { type, data, occurredAt } of troupe.aggregate(note).events(id))
    if (type === 'rang') events.push(`${data.key} at ${+occurredAt - NOON}`);
  return events;
}

describe('a runtime for tests', () => {
  it('fires timers as its clock is moved, each at its due time, in due order', async () => {
    await using troupe = await testRuntime({ domain: [note] });
    const notes = troupe.aggregate(note);
    await notes.create(write(), { id: 'n' });
    for (const [key, at] of [
      ['b', 2000],
      ['a', 1000],
      ['c', 3000],
    ] as const)
      await notes.send('n', remind(key, NOON + at));
    await troupe.advance(999);
    expect(await rung(troupe, 'n')).toEqual([]);
    await troupe.advance(1500);
    expect(await rung(troupe, 'n')).toEqual(['a at 1000', 'b at 2000']);
    await notes.send('n', forget('c'));
    await troupe.advance(DAY);
    expect(await rung(troupe, 'n')).toHaveLength(2);
    expect(await troupe.runtime.timers()).toEqual([]);
  });

  it('runs a year of a daily timer in a moment', async () => {
    await using troupe = await testRuntime({ domain: [note] });
    const notes = troupe.aggregate(note);
    await notes.create(write(), { id: 'n' });
    await notes.send('n', { type: 'repeat', data: { at: NOON, everyMs: DAY, times: 366 } });
    await troupe.advance(400 * DAY);
    const all = await rung(troupe, 'n');
    expect([all.length, all.at(-1)]).toEqual([366, `again 1 at ${365 * DAY}`]);
  });

  it('fires what was overdue when it starts, in due order, once', async () => {
    const [log, clock] = [new MemoryLog(), new FakeClock()];
    const one = await testRuntime({ domain: [note], log, clock });
    await one.aggregate(note).create(write(), { id: 'n' });
    for (const [key, at] of [
      ['b', 2000],
      ['a', 1000],
    ] as const)
      await one.aggregate(note).send('n', remind(key, NOON + at));
    await one.stop();
    clock.advance(DAY);
    await using two = await testRuntime({ domain: [note], log, clock });
    await two.advance(0);
    expect(await rung(two, 'n')).toEqual([`a at ${DAY}`, `b at ${DAY}`]);
  });

  it('fires also after the store was away', async () => {
    await using troupe = await testRuntime({ domain: [note] });
    await troupe.aggregate(note).create(write(NOON + 10), { id: 'n' });
    troupe.faults.plan({ readAll: times(2, unavailable), append: times(2, unavailable) });
    await troupe.advance(10);
    await troupe.advance(0);
    expect(await rung(troupe, 'n')).toHaveLength(1);
  });

  it('lists what is armed', async () => {
    await using troupe = await testRuntime({ domain: [note] });
    const notes = troupe.aggregate(note);
    for (const id of ['x', 'y'])
      for (const key of ['a', 'b']) await notes.create(remind(key, NOON + 5000), { id });
    const { runtime } = troupe;
    const [first, ...rest] = await runtime.timers();
    expect(first).toEqual({
      ...{ aggregate: 'note', id: 'x', key: 'a', dueAt: new Date(NOON + 5000), failure: undefined },
      command: { type: 'ring', data: { key: 'a' } },
    });
    expect(rest.map(({ id, key }) => id + key)).toEqual(['xb', 'ya', 'yb']);
    const page = await runtime.timers({ after: rest[0]!, limit: 1 });
    expect(page.map(({ id, key }) => id + key)).toEqual(['ya']);
    expect(await runtime.timers({ aggregate: 'note', id: 'y' })).toHaveLength(2);
    expect(await runtime.timers({ dueBefore: NOON + 5000 })).toEqual([]);
    await expect(runtime.timers({ aggregate: 'nota' })).rejects.toThrow(/no aggregate named nota/);
    await expect(runtime.timers({ limit: 0 })).rejects.toThrow(/limit of timers: expected a whole/);
  });
});

describe('given, when, then', () => {
  it('checks what a command does to timers', async () => {
    await given(note, [])
      .when(write(NOON))
      .thenEvents([{ type: 'written', data: { text: 'x' } }])
      .thenTimers([{ key: 'a', at: NOON, command: { type: 'ring', data: { key: 'a' } } }]);
    const written = { type: 'written', data: { text: 'x' } } as const;
    await given(note, [written])
      .when(close)
      .thenTimers([{ cancelled: 'a' }]);
    await given(note, [written]).when(forget('z')).thenTimers([]);
    const wrong = given(note, [written]).when(remind('k', NOON)).thenTimers([]);
    await expect(wrong).rejects.toThrow(/note.remind: its timers/);
  });
});
