import { create, defineAggregate, type RuntimeOptions, startRuntime, upsert } from 'troupe';
import { testRuntime } from 'troupe/testing';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { collect } from '../support/collect.js';

const note = defineAggregate({
  name: 'note',
  commands: {
    write: upsert(z.object({ text: z.string() })),
    keep: upsert(z.any()),
    spoil: upsert(z.object({})),
    start: create(z.object({})),
  },
  events: {
    written: z.object({ text: z.string() }),
    kept: z.any(),
    spoilt: z.object({ n: z.int() }),
  },
  initialState: { count: 0, kept: null as unknown },
  decide: {
    write: (_state, data, { event }) => [event.written(data)],
    keep: (_state, data, { event }) => [event.kept(data)],
    spoil: (_state, _data, { event }) => [event.spoilt({ n: 0.5 })],
    start: () => [],
  },
  evolve: {
    written(state) {
      state.count += 1;
    },
    kept: (state, data) => ({ count: state.count + 1, kept: data as unknown }),
    spoilt: (state) => state,
  },
});

const write = (text: unknown) => ({ type: 'write', data: { text } }) as never;
const keep = (data: unknown) => ({ type: 'keep', data }) as never;
const deep = (levels: number): unknown => (levels === 0 ? 1 : { a: deep(levels - 1) });

/** Sends something bad between two good commands; the good ones are stored, the bad one is not. */
async function between(id: unknown, bad: never, options: Partial<RuntimeOptions> = {}) {
  await using troupe = await testRuntime({ ...options, domain: [note] } as never);
  const notes = troupe.aggregate(note);
  await notes.send('n', write('before'));
  const sent = notes.send(id as string, bad);
  const after = notes.send('n', write('after'));
  const error = await sent.then(
    () => expect.fail('accepted'),
    (reason: Error) => reason,
  );
  expect(await after).toMatchObject({ version: 2 });
  expect(await collect(troupe.runtime.events())).toHaveLength(2);
  expect(await notes.state('n')).toMatchObject({ version: 2, state: { count: 2 } });
  return error;
}

describe('a bad command is answered clearly, and nothing is lost:', () => {
  it('data that fails its schema, with path and message', async () => {
    expect(await between('n', write(7))).toMatchObject({
      code: 'InvalidCommand',
      message: expect.stringMatching(/^Invalid command note\.write: text: .*expected string/),
      details: {
        issues: [{ path: 'text', pointer: '/text', message: expect.stringContaining('string') }],
      },
    });
  });

  it('an event that fails its schema', async () => {
    expect(await between('n', { type: 'spoil', data: {} } as never)).toMatchObject({
      code: 'CommandFailed',
      outcome: 'failed',
      message: expect.stringMatching(/note\.spoil on n failed: Event spoilt does not fit.*: n: /),
    });
  });

  it('an unknown command, with the nearest name', async () => {
    expect(await between('n', { type: 'wriet', data: {} } as never)).toMatchObject({
      code: 'UnknownCommand',
      message:
        'note has no command wriet: expected one of write, keep, spoil, start (did you mean write?)',
    });
  });

  it.each([
    ['', /at least one character/],
    ['x'.repeat(513), /at most 512 bytes of UTF-8, got 513/],
    ['é'.repeat(257), /at most 512 bytes of UTF-8, got 514/],
    ['a\ud800', /lone surrogate/],
    ['a\nb', /no control characters/],
    ['a\u0000', /no control characters/],
    ['a\u0085', /no control characters/],
    [undefined, /expected a string, got undefined/],
    [7, /expected a string, got number/],
  ])('the id %j', async (id, message) => {
    const error = await between(id, write('x'));
    expect(error).toMatchObject({ code: 'InvalidId', outcome: 'refused' });
    expect(error.message).toMatch(/^note\.write: id /);
    expect(error.message).toMatch(message);
  });

  it.each([
    [{ a: [1, new Date(0)] }, 'data.a[1]', 'an instance of Date'],
    [{ a: Number.NaN }, 'data.a', 'NaN'],
    [{ a: 5n }, 'data.a', 'bigint'],
    [{ a: new Map() }, 'data.a', 'an instance of Map'],
    [{ a: () => 1 }, 'data.a', 'function'],
    [{ a: [undefined] }, 'data.a[0]', 'undefined'],
    [{ a: '\udc00' }, 'data.a', 'a string with a lone surrogate'],
    [JSON.parse('{"a":{"__proto__":{"admin":true}}}'), 'data.a.__proto__', 'a key named __proto__'],
    [deep(65), `data${'.a'.repeat(64)}`, 'too many levels of nesting'],
  ])('a value that JSON cannot carry, by its path: %#', async (data, path, found) => {
    expect(await between('n', keep(data))).toMatchObject({
      code: 'InvalidCommand',
      message: `note.keep: ${path} cannot be sent as JSON: ${found}`,
      details: { issues: [{ path, message: found }] },
    });
  });

  it('more than a mebibyte', async () => {
    const error = await between('n', keep('x'.repeat(1024 * 1024)));
    expect(error).toMatchObject({
      code: 'InvalidCommand',
      message: expect.stringContaining('1048578 bytes, more than 1048576'),
    });
  });

  it('more than the options allow', async () => {
    const options = { maxPayloadBytes: 40, maxPayloadDepth: 2 };
    expect((await between('n', keep('x'.repeat(40)), options)).message).toContain('42 bytes');
    expect((await between('n', keep(deep(3)), options)).message).toContain('levels of nesting');
  });
});

it('the limits of payloads are those: what is just within is stored', async () => {
  await using troupe = await testRuntime({ domain: [note] });
  const notes = troupe.aggregate(note);
  const text = 'x'.repeat(1024 * 1024 - 2);
  expect(await notes.send('n', keep(text))).toMatchObject({ version: 1 });
  expect(await notes.send('n', keep(deep(64)))).toMatchObject({ version: 2 });
});

it('keys named constructor and toString are data like others', async () => {
  await using troupe = await testRuntime({ domain: [note] });
  const notes = troupe.aggregate(note);
  const odd = { constructor: { prototype: { admin: true } }, toString: 1, hasOwnProperty: 2 };
  await notes.send('n', keep(odd));
  expect((await notes.state('n'))?.state.kept).toEqual(odd);
  expect(({} as { admin?: boolean }).admin).toBeUndefined();
});

it('an aggregate that the domain does not export is named, with those that it does', async () => {
  await using troupe = await testRuntime({ domain: [note] });
  const stranger = { ...note, name: 'notes' };
  expect(() => troupe.aggregate(stranger)).toThrow(
    'The domain module exports no aggregate named notes: expected one of note (did you mean note?)',
  );
});

describe('bad set-up is answered clearly:', () => {
  const options = { domain: { note }, store: { kind: 'memory' }, shards: 0 } as const;

  it.each([
    [{ shard: 1 }, 'shard', /expected one of .*\(did you mean shards\?\), got an unknown option/],
    [{ timeoutMS: 1 }, 'timeoutMS', /did you mean timeoutMs\?/],
    [
      { store: { kind: 'memory', logg: 1 } },
      'store.logg',
      /one of kind, log \(did you mean log\?\)/,
    ],
    [{ colour: 1 }, 'colour', /expected one of [^(]*, got an unknown option/],
    [{ timeoutMs: 0 }, 'timeoutMs', /expected a whole number from 1 to 86400000, got 0/],
    [
      { startTimeoutMs: -1 },
      'startTimeoutMs',
      /expected a whole number from 0 to 86400000, got -1/,
    ],
    [{ onNotice: true }, 'onNotice', /expected a function, got boolean/],
    [{ freezeState: 'yes' }, 'freezeState', /expected true or false, got "yes"/],
  ])('%o', async (given, option, message) => {
    const starting = startRuntime({ ...options, ...given } as never);
    await expect(starting).rejects.toMatchObject({ code: 'InvalidOption', details: { option } });
    await expect(starting).rejects.toThrow(message);
  });

  it.each([
    [
      { ...note, twin: true },
      'DuplicateDefinition',
      'the domain exports two aggregates named note',
    ],
    [undefined, 'EmptyDomain', 'the domain exports no definitions'],
  ])('a domain with a wrong export', async (other, code, message) => {
    const domain = other ? { note, other } : { nothing: 1 };
    await expect(startRuntime({ ...options, domain })).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
  });
});
