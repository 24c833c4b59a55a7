import fc from 'fast-check';
import { defineAggregate, drop, type EventPart, event, split, type Upcast } from 'troupe';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { domainEvents, needsReading } from '../../src/aggregate/upcasting.js';

interface Declared {
  readonly version?: number;
  readonly upcast?: Readonly<Record<number, Upcast>>;
  readonly formerly?: readonly string[];
  readonly retired?: Parameters<typeof define>[1];
}

function define(events: Record<string, ReturnType<typeof event>>, retired = {}) {
  return defineAggregate({
    name: 'thing',
    events,
    retired,
    commands: {},
    initialState: {},
    decide: {},
    evolve: Object.fromEntries(Object.keys(events).map((type) => [type, () => undefined])),
  } as never);
}

/** Reads one event of a definition whose event `made` is declared so. */
function read(
  { retired = {}, ...declared }: Declared,
  stored: { type?: string; schemaVersion?: number; data?: unknown },
) {
  const definition = define({ made: event({ schema: z.any(), ...declared }) }, retired);
  const { type = 'made', schemaVersion = 1, data = {} } = stored;
  const row = { type, schemaVersion, data: JSON.stringify(data), version: 5, occurredAt: 1000 };
  return domainEvents({ id: 'a', definition }, row).map(({ type, data }) => ({ type, data }));
}

describe('lifting an event', () => {
  it('through the chain gives what its steps give one after the other, from any version', () => {
    const step = fc.constantFrom<(n: number) => number>(
      (n) => n + 1,
      (n) => n * 2,
      (n) => -n,
      (n) => n % 7,
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), fc.nat(12), fc.integer(), (steps, from, n) => {
        const version = steps.length + 1;
        const schemaVersion = Math.min(from + 1, version);
        const upcast = Object.fromEntries(
          steps.map((apply, i) => [i + 1, (data: { n: number }) => ({ n: apply(data.n) })]),
        );
        const direct = steps.slice(schemaVersion - 1).reduce((value, apply) => apply(value), n);
        const [lifted] = read({ version, upcast }, { schemaVersion, data: { n } });
        // As JSON has it: there is no -0.
        expect(lifted).toEqual({ type: 'made', data: { n: direct + 0 } });
      }),
    );
  });

  it('tells an upcaster where and when the event stands', () => {
    const told: unknown[] = [];
    const upcast = {
      1: (data: object, info: unknown) => {
        told.push(info);
        return data;
      },
      2: (data: object, info: unknown) => {
        told.push(info);
        return data;
      },
    };
    read({ version: 3, upcast }, {});
    const info = { id: 'a', version: 5, schemaVersion: 1, occurredAt: new Date(1000) };
    expect(told).toEqual([info, info]);
  });

  it('stops at a step that drops or splits', () => {
    const never = () => {
      throw new Error('this step is not for it');
    };
    expect(read({ version: 3, upcast: { 1: drop, 2: never } }, {})).toEqual([]);
    const halves = split(({ n }: { n: number }) => [
      { type: 'made', version: 3, data: { n: n / 2 } },
      { type: 'made', version: 3, data: { n: n / 2 } },
    ]);
    const half = { type: 'made', data: { n: 2 } };
    expect(read({ version: 3, upcast: { 1: halves, 2: never } }, { data: { n: 4 } })).toEqual([
      half,
      half,
    ]);
  });

  it('lifts the parts of a split further: from version 1 unless they tell theirs', () => {
    const upcast = { 1: (data: object) => ({ ...data, lifted: true }) };
    const parts: EventPart[] = [
      { type: 'made', data: { n: 1 } },
      { type: 'made', version: 2, data: { n: 2 } },
      { type: 'done', data: { n: 3 } },
    ];
    const declared = {
      version: 2,
      upcast,
      formerly: ['done'],
      retired: { all: split(() => parts) },
    };
    expect(read(declared, { type: 'all' }).map((it) => it.data)).toEqual([
      { n: 1, lifted: true },
      { n: 2 },
      { n: 3, lifted: true },
    ]);
  });

  it('shares nothing between the parts of a split', () => {
    const both = split((data: object) => [
      { type: 'made', data },
      { type: 'made', data },
    ]);
    const [a, b] = read({ retired: { both } }, { type: 'both', data: { n: 1 } });
    expect(a).toEqual(b);
    expect(a?.data).not.toBe(b?.data);
  });

  it.each<[string, Declared, { type?: string; schemaVersion?: number }, string]>([
    [
      'an upcaster that makes no JSON',
      { version: 2, upcast: { 1: () => ({ at: new Date(0) }) } },
      {},
      'upcasting to made gave data.at: an instance of Date, not JSON',
    ],
    [
      'an upcaster that returns nothing',
      { version: 2, upcast: { 1: () => undefined } },
      {},
      'upcasting to made gave data: undefined, not JSON',
    ],
    [
      'a split that returns no list',
      { retired: { old: split(() => ({}) as never) } },
      { type: 'old' },
      'its split must return an array of { type, data }',
    ],
    [
      'a split into something else than events',
      { retired: { old: split(() => [{ type: 'made' } as never]) } },
      { type: 'old' },
      'its split must return an array of { type, data }',
    ],
    [
      'a split into an unknown event',
      { retired: { old: split(() => [{ type: 'lost', data: {} }]) } },
      { type: 'old' },
      'thing has no event lost, nor had one',
    ],
    [
      'a split into a version that is none',
      { retired: { old: split(() => [{ type: 'made', version: 1.5, data: {} }]) } },
      { type: 'old' },
      'unknown schema version 1.5',
    ],
    [
      'splits that run in a circle',
      { retired: { old: split(() => [{ type: 'old', data: {} }]) } },
      { type: 'old' },
      'its splits run in a circle',
    ],
  ])('refuses %s', (_, declared, stored, reason) => {
    expect(() => read(declared, stored)).toThrow(
      expect.objectContaining({
        code: 'StreamUnreadable',
        message: expect.stringContaining(`thing/a cannot be read at version 5 (`),
        reason: expect.stringContaining(reason),
      }),
    );
  });
});

describe('an event that never changed', () => {
  it('has no code of the domain between its text and evolve', () => {
    const definition = define({
      made: event({ schema: z.any(), formerly: ['old'] }),
      coded: event({ schema: z.any(), encode: (it) => it, decode: (it) => it }),
    });
    const needs = (type: string, schemaVersion = 1) =>
      needsReading({ definition }, { type, schemaVersion });
    expect([needs('made'), needs('made', 2), needs('old'), needs('coded')]).toEqual([
      ...[false, true, true, true],
    ]);
  });
});
