import { describe, expect, it } from 'vitest';
import { firingKey } from '../../src/aggregate/timer-firing.js';
import { findOutcome } from '../../src/client/find-outcome.js';
import { losesAnswer, losesStatement } from '../support/faults.js';
import { useShards } from '../support/use-shards.js';
import { close, forget, note, remind, ring, write } from './support/note.js';

const shards = useShards({ note });
const AT = Date.UTC(2024, 5, 1);
const at = new Date(AT).toISOString();

const of = (key: string, generation: number) => ({
  idempotencyKey: firingKey({ key, generation }),
});
const armed = (key: string) => ({ key, at, command: { type: 'ring', data: { key } } });
async function timers(id: string) {
  const log = await shards.log(id, '$timers/note');
  return log.map(({ type, data }) => ({ type, ...(data as { key: string }) }));
}
const types = async (id: string) => (await timers(id)).map(({ type, key }) => `${type} ${key}`);

describe('timers of an aggregate', () => {
  it('are stored with the events of the decision, in a stream of the same id and slice', async () => {
    const notes = (await shards.start()).client(note);
    const id = shards.id();
    const receipt = await notes.create(write(AT), { id, commandId: `c-${id}` });
    expect(receipt).toMatchObject({ version: 1, events: [{ type: 'written' }] });
    expect(await timers(id)).toEqual([{ type: 'armed', ...armed('a') }]);
    const { rows } = await shards.db.query<{ slice: number; command_id: string; t: string }>(
      `SELECT slice, command_id, xmin::text AS t FROM ${shards.schema}.events WHERE id = $1`,
      [id],
    );
    expect(rows).toHaveLength(2);
    expect(rows[0]).toEqual(rows[1]);
  });

  it('are stored though there are no events, by a durable decider too', async () => {
    const notes = (await shards.start()).client(note);
    const id = shards.id();
    expect(await notes.create(remind('b', AT), { id })).toMatchObject({ version: 0, events: [] });
    await notes.create(write(), { id });
    const receipt = await notes.send(id, { type: 'armDurably', data: { key: 'c', at: AT } });
    expect(receipt).toMatchObject({ version: 1, events: [] });
    expect(await types(id)).toEqual(['armed b', 'armed c']);
  });

  it('leave nothing behind when the decision is rejected or fails', async () => {
    const notes = (await shards.start()).client(note);
    const id = shards.id();
    await notes.create(write(), { id });
    for (const type of ['armThenReject', 'armThenFail'] as const)
      await expect(notes.send(id, { type, data: { key: 'x', at: AT } })).rejects.toThrow();
    expect(await timers(id)).toEqual([]);
    await notes.send(id, remind('b', AT));
    expect(await types(id)).toEqual(['armed b']);
  });

  it('that are not there are taken back without a trace, unless events are stored with it', async () => {
    const notes = (await shards.start()).client(note);
    const id = shards.id();
    await notes.create(write(), { id });
    await notes.send(id, forget('a'));
    expect(await timers(id)).toEqual([]);
    await notes.send(id, close);
    expect(await types(id)).toEqual(['cancelled a']);
  });

  it.each([
    ['key', { key: '' }, /key: expected 1 to 200 bytes/],
    ['key', { key: '__proto__' }, /key: expected/],
    ['at', { at: 'tomorrow' }, /at: expected a date .* got tomorrow/],
    ['at', { at: -1 }, /at: expected a date/],
    ['command', { command: { type: 'rung', data: {} } }, /no command rung/],
    [
      'command',
      { command: { type: 'ring', data: { key: 1 } } },
      /command: expected data that fits/,
    ],
  ])('fail the command whose %s does not fit: %j', async (_, given, message) => {
    const notes = (await shards.start()).client(note);
    const id = shards.id();
    await notes.create(write(), { id });
    const data = { key: 'k', at: AT, command: ring('k'), ...given };
    await expect(notes.send(id, { type: 'armWith', data })).rejects.toMatchObject({
      code: 'CommandFailed',
      message: expect.stringMatching(message),
    });
  });
});

describe('the command of a timer', () => {
  it('is decided once, and `fired` is stored with its events', async () => {
    const notes = (await shards.start()).client(note);
    const id = shards.id();
    await notes.create(write(AT), { id });
    const receipt = await notes.send(id, ring('a'), of('a', 1));
    expect(receipt.events).toMatchObject([{ type: 'rang' }]);
    expect(await types(id)).toEqual(['armed a', 'fired a']);
    expect(await notes.send(id, ring('a'), of('a', 1))).toMatchObject({ deduplicated: true });
    expect(await types(id)).toEqual(['armed a', 'fired a']);
  });

  it('changes nothing when the timer was cancelled, replaced or fired, though no outcome is left (H42)', async () => {
    const notes = (await shards.start()).client(note);
    const id = shards.id();
    await notes.create(remind('a', AT), { id });
    await notes.create(remind('a', AT), { id });
    await notes.create(ring('a'), { id, ...of('a', 1) }); // replaced
    await notes.create(ring('b'), { id, ...of('b', 1) }); // never armed
    expect(await types(id)).toEqual(['armed a', 'armed a']);
    await notes.create(ring('a'), { id, ...of('a', 2) });
    await shards.db.query(`DELETE FROM ${shards.schema}.outcomes WHERE id = $1`, [id]);
    expect(await notes.create(ring('a'), { id, ...of('a', 2) })).toMatchObject({ events: [] });
    await notes.create(remind('c', AT), { id });
    await notes.send(id, forget('c'));
    await notes.create(ring('c'), { id, ...of('c', 4) });
    expect(await types(id)).toEqual(['armed a', 'armed a', 'fired a', 'armed c', 'cancelled c']);
    expect((await shards.log(id, 'note')).map(({ type }) => type)).toEqual(['rang']);
  });

  it('that the domain rejects has fired, with the rejection', async () => {
    const notes = (await shards.start()).client(note);
    const id = shards.id();
    await notes.create(write(), { id });
    await notes.send(id, remind('b', AT));
    await notes.send(id, close);
    for (const deduplicated of [false, true])
      expect(await notes.trySend(id, ring('b'), of('b', 1))).toMatchObject({
        ...{ ok: false, shortCode: 'CLOSED', deduplicated },
      });
    expect((await timers(id)).at(-1)).toEqual({
      ...{ type: 'fired', key: 'b' },
      rejection: { code: 'CLOSED', message: 'It is closed' },
    });
  });

  it('that is rejected as not found has fired, too', async () => {
    const notes = (await shards.start()).client(note);
    const id = shards.id();
    const command = { type: 'close', data: {} };
    await notes.create(remind('a', AT), { id });
    const result = await notes.trySend(id, command as typeof close, of('a', 1));
    expect(result).toMatchObject({ ok: false, shortCode: 'NotFound' });
    expect(await types(id)).toEqual(['armed a', 'fired a']);
  });

  it('may arm the next one', async () => {
    const notes = (await shards.start()).client(note);
    const id = shards.id();
    await notes.create(write(), { id });
    await notes.send(id, { type: 'repeat', data: { at: AT, everyMs: 1000, times: 3 } });
    const again = { type: 'repeat', data: { at: AT + 1000, everyMs: 1000, times: 2 } } as const;
    await notes.send(id, again, of('again', 1));
    expect(await types(id)).toEqual(['armed again', 'fired again', 'armed again']);
  });
});

describe('another process', () => {
  it('that changed the timers alone is found by the next decision', async () => {
    const [one, two] = [await shards.start(), await shards.start()];
    const id = shards.id();
    await one.client(note).create(write(AT), { id });
    await two.client(note).send(id, forget('a'));
    // Its actor still takes the timer for armed.
    expect(await one.client(note).send(id, ring('a'), of('a', 1))).toMatchObject({ events: [] });
    await two.client(note).send(id, remind('b', AT));
    await one.client(note).send(id, remind('b', AT + 1));
    expect(await types(id)).toEqual(['armed a', 'cancelled a', 'armed b', 'armed b']);
    // An answer without events is checked against both streams.
    await two.client(note).send(id, forget('b'));
    const loads = one.store.calls('load');
    await one.client(note).send(id, forget('b'));
    expect(one.store.calls('load')).toBe(loads + 1);
    expect((await types(id)).slice(4)).toEqual(['cancelled b']);
  });

  it('that set a timer has it fired here, by an actor that does not know of it yet', async () => {
    const [one, two] = [await shards.start(), await shards.start()];
    const id = shards.id();
    await one.client(note).create(write(), { id });
    await two.client(note).send(id, remind('b', AT));
    expect((await one.client(note).send(id, ring('b'), of('b', 1))).events).toHaveLength(1);
    // Here the version is taken: what was decided on top of the old state is forgotten.
    await two.client(note).send(id, remind('q', AT));
    await one.client(note).send(id, remind('p', AT));
    expect((await one.client(note).send(id, ring('q'), of('q', 3))).events).toHaveLength(1);
    expect(await types(id)).toEqual(['armed b', 'fired b', 'armed q', 'armed p', 'fired q']);
  });

  it('cancels while this one fires: one of both, never both', async () => {
    const [one, two] = [await shards.start(), await shards.start()];
    for (let round = 0; round < 20; round++) {
      const id = shards.id();
      await one.client(note).create(remind('a', AT), { id });
      await two.client(note).create(remind('x', AT), { id });
      await Promise.all([
        one.client(note).create(ring('a'), { id, ...of('a', 1) }),
        two.client(note).create(ring('a'), { id, ...of('a', 1) }),
        two
          .client(note)
          .send(id, forget('a'))
          .catch(() => undefined),
      ]);
      const rang = (await shards.log(id, 'note')).length;
      expect((await types(id)).filter((it) => /^(fired|cancelled) a/.test(it))).toHaveLength(1);
      expect(rang).toBe((await types(id)).includes('fired a') ? 1 : 0);
    }
  }, 30_000);
});

describe('a commit of timers of which nobody knows the end', () => {
  it.each([
    ['was stored', losesAnswer],
    ['was not stored', losesStatement],
  ])('has each change in the log once: it %s', async (_, fault) => {
    const one = await shards.start();
    const notes = one.client(note);
    const id = shards.id();
    await notes.create(write(), { id });
    one.store.next('append', fault);
    const calls = [
      notes.send(id, remind('a', AT)),
      notes.send(id, remind('b', AT)),
      notes.send(id, ring('c')),
      notes.send(id, forget('a')),
    ];
    const receipts = await Promise.all(calls);
    expect(receipts.map(({ version }) => version)).toEqual([1, 1, 2, 2]);
    expect(await types(id)).toEqual(['armed a', 'armed b', 'cancelled a']);
    const log = await shards.log(id, '$timers/note');
    expect(log.map(({ commandId }) => commandId)).toEqual(
      [0, 1, 3].map((i) => receipts[i]!.commandId),
    );
  });

  it('tells a rejected firing as it was', async () => {
    const one = await shards.start();
    const notes = one.client(note);
    const id = shards.id();
    await notes.create(write(), { id });
    await notes.send(id, remind('b', AT));
    await notes.send(id, close);
    one.store.next('append', losesAnswer);
    const result = await notes.trySend(id, ring('b'), of('b', 1));
    expect(result).toMatchObject({ ok: false, shortCode: 'CLOSED' });
    expect(await types(id)).toEqual(['armed b', 'cancelled a', 'fired b']);
  });

  it('is resolved by the command id, also where it left nothing but a timer', async () => {
    const notes = (await shards.start()).client(note);
    const id = shards.id();
    await notes.create(write(), { id });
    const { commandId } = await notes.send(id, remind('a', AT));
    const store = shards.open();
    const lost = { aggregate: 'note', id, commandId, key: '', writerId: 0, afterPosition: 0 };
    const found = await findOutcome(store, { ...lost, incarnation: '' });
    expect(found).toMatchObject({ kind: 'accepted', version: 1, events: [] });
    const never = await findOutcome(store, { ...lost, commandId: 'never', incarnation: '' });
    expect(never).toEqual({ kind: 'notExecuted' });
  });
});

describe('a batch that cannot be stored', () => {
  it('fails the one command whose timer the database refuses', async () => {
    const one = await shards.start();
    const notes = one.client(note);
    const ids = [shards.id(), shards.id(), shards.id()];
    await Promise.all(ids.map((id) => notes.create(write(), { id })));
    const refused = { kind: 'invalid', cause: new Error('no such key') } as const;
    one.store.always('append', async ({ args: [, { rows }], go }) =>
      rows.some(({ data }) => data.includes('poison')) ? refused : go(),
    );
    const calls = ids.flatMap((id, i) => [
      notes.send(id, remind('a', AT)),
      notes.send(id, remind(i === 1 ? 'poison' : 'b', AT)),
      notes.send(id, remind('c', AT)),
    ]);
    const results = await Promise.allSettled(calls);
    expect(results.filter(({ status }) => status === 'rejected')).toEqual([results[4]]);
    expect(results[4]).toMatchObject({ reason: { code: 'CommandFailed' } });
    for (const id of [ids[0]!, ids[2]!])
      expect(await types(id)).toEqual(['armed a', 'armed b', 'armed c']);
    expect(await types(ids[1]!)).toEqual(['armed a', 'armed c']);
  });
});

describe('the state of timers', () => {
  it('is a snapshot after many changes, and the same as all of them folded', async () => {
    const one = await shards.start();
    const id = shards.id();
    await one.client(note).create(write(), { id });
    for (let i = 0; i < 130; i++) await one.client(note).send(id, remind(`k${i % 3}`, AT));
    await one.stop();
    const { rows } = await shards.db.query<{ version: string; state: unknown }>(
      `SELECT version, state FROM ${shards.schema}.snapshots WHERE aggregate = '$timers/note' AND id = $1`,
      [id],
    );
    expect(rows).toEqual([{ version: '130', state: { armed: { k0: 130, k1: 128, k2: 129 } } }]);
    const notes = (await shards.start()).client(note);
    await notes.send(id, remind('k1', AT)); // on top of the snapshot
    await notes.send(id, ring('k1'), of('k1', 128));
    await notes.send(id, ring('k1'), of('k1', 131));
    expect((await types(id)).slice(130)).toEqual(['armed k1', 'fired k1']);
  });
});
