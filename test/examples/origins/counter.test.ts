import { toCloudEvent } from 'troupe';
import { given, testRuntime } from 'troupe/testing';
import { describe, expect, it } from 'vitest';
import * as domain from '../../../examples/origins/counter/domain.js';
import { collect } from '../../support/collect.js';
import { freshSchema } from '../../support/postgres.js';
import { startOn, startTwo } from './start.js';

const { counter } = domain;
const start = { type: 'start', data: {} } as const;
const increment = { type: 'increment', data: {} } as const;
const [started, incremented] = [
  { type: 'started', data: {} },
  { type: 'incremented', data: {} },
] as const;

describe('the counter of eventmill', () => {
  it('HandleCommand: a command is handled on the state of its aggregate, which does not change it', async () => {
    await given(counter, [started, incremented])
      .when(increment)
      .thenEvents([incremented])
      .thenState((state) => expect(state.hits).toBe(2));
  });

  it('HandleCommand for (): a creation has no instance before, and only one is ever made', async () => {
    await given(counter, []).when(start).thenEvents([started]);
    await given(counter, []).when(increment).thenRejected('NotFound');
    await given(counter, [started]).when(start).thenRejected('AlreadyExists');
  });

  it('Context: what a command must know of the world around its aggregate is given to it', async () => {
    const services = { mostHits: 1 };
    await given(counter, [started], { services }).when(increment).thenEvents([incremented]);
    await given(counter, [started, incremented], { services })
      .when(increment)
      .thenRejected('FULL', {});
  });

  it('apply_event: sees the envelope, here when the event happened', async () => {
    const at = '2024-02-29T12:00:00.000Z';
    await given(counter, [started])
      .when(increment, { now: at })
      .thenState({ hits: 1, lastHit: at });
  });

  it('InMemoryStore::with_events: a runtime in memory, whose log is there for the next one', async () => {
    await using first = await testRuntime({ domain });
    await first.aggregate(counter).send('c', start);
    await using second = await testRuntime({ domain, log: first.log });
    const { version, state } = await second
      .aggregate(counter)
      .send('c', increment, { state: true });
    expect([version, state?.hits]).toEqual([2, 1]);
  });
});

describe('the counter of eventmill, on Postgres', () => {
  it('GenerationConflict: a command on an older generation is refused, with the assumed and the actual one', async () => {
    const counters = (await startOn(domain)).aggregate(counter);
    const { version } = await counters.send('c', start);
    await counters.send('c', increment, { expectedVersion: version });
    await expect(counters.send('c', increment, { expectedVersion: version })).rejects.toMatchObject(
      {
        code: 'VersionConflict',
        outcome: 'refused',
        details: { expected: 1, actual: 2 },
      },
    );
    expect(await counters.state('c')).toMatchObject({ version: 2, state: { hits: 1 } });
  });

  it('GenerationConflict: of those that were decided on one generation at once, exactly one lands', async () => {
    const both = await startTwo(domain);
    await both[0].aggregate(counter).send('c', start);
    const results = await Promise.allSettled(
      Array.from({ length: 8 }, (_, i) =>
        both[i % 2]!.aggregate(counter).send('c', increment, { expectedVersion: 1 }),
      ),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const result of results)
      if (result.status === 'rejected')
        expect(result.reason).toMatchObject({ code: 'VersionConflict', details: { expected: 1 } });
    expect(await both[1].aggregate(counter).state('c')).toMatchObject({ version: 2 });
  });

  it('VersionedAggregate: dispatching gives the state after the command and its generation', async () => {
    const counters = (await startOn(domain)).aggregate(counter);
    await counters.send('c', start);
    const occurredAt = '2024-02-29T12:00:00.000Z';
    const { version, state } = await counters.send('c', increment, { state: true, occurredAt });
    expect({ version, state }).toEqual({ version: 2, state: { hits: 1, lastHit: occurredAt } });
  });

  it('EventType: an event says its type, its namespace, its sequence, its time and its metadata', async () => {
    const counters = (await startOn(domain)).aggregate(counter);
    const occurredAt = '2024-02-29T12:00:00.000Z';
    const metadata = { list: [1, 2.5, true, null], map: { at: occurredAt } };
    await counters.send('c', start, { occurredAt, metadata });
    const [event] = await collect(counters.events('c'));
    expect(event).toMatchObject({ type: 'started', version: 1, metadata });
    expect(toCloudEvent(event!, counter)).toMatchObject({
      source: 'https://example.org/counters',
      type: 'counter.started',
      subject: 'c',
      time: occurredAt,
    });
  });

  it('read_from_offset: sequences count from 1 without a hole, and can be read from any of them', async () => {
    const counters = (await startOn(domain)).aggregate(counter);
    await counters.send('c', start);
    await Promise.all([1, 2, 3].map(() => counters.send('c', increment)));
    const versions = async (after: number) =>
      (await collect(counters.events('c', { after }))).map((event) => event.version);
    expect(await versions(0)).toEqual([1, 2, 3, 4]);
    expect(await versions(2)).toEqual([3, 4]);
  });

  it('Core: the state is the replay of what is stored', async () => {
    const schema = freshSchema();
    const before = await startOn(domain, schema);
    await before.aggregate(counter).send('c', start);
    await before.aggregate(counter).send('c', increment);
    const state = await before.aggregate(counter).state('c');
    await before.stop();
    expect(await (await startOn(domain, schema)).aggregate(counter).state('c')).toEqual(state);
  });
});
