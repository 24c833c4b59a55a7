import { defineAggregate, drop, event, SetupError, split } from 'troupe';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

const schema = z.object({});
const step = (data: object) => data;

/** As somebody without types would call it. */
const define = (given: object) => () =>
  defineAggregate({
    name: 'account',
    commands: {},
    events: { opened: schema, closed: schema },
    initialState: {},
    decide: {},
    evolve: { opened() {}, closed() {} },
    ...given,
  } as never);

const events = (opened: object, closed: object = schema) => ({
  events: {
    opened: '~standard' in opened ? opened : event({ schema, ...opened } as never),
    closed: '~standard' in closed ? closed : event({ schema, ...closed } as never),
  },
});

describe('declarations of events', () => {
  it('are worked out once: codecs by name, and what else may stand in the log', () => {
    const old = split(() => []);
    const definition = define({
      ...events({ version: 2, upcast: { 1: step }, formerly: ['created'] }),
      retired: { noise: drop, old },
      storedAs: 'client',
      namespace: 'https://example.org/accounts',
    })();
    const { codecs, former, storedAs, namespace } = definition;
    expect({ storedAs, namespace }).toEqual({
      storedAs: 'client',
      namespace: 'https://example.org/accounts',
    });
    expect(codecs.get('opened')).toMatchObject({ type: 'opened', version: 2, steps: [step] });
    expect(codecs.get('closed')).toMatchObject({ version: 1, steps: [], encode: undefined });
    expect(former.get('created')).toBe(codecs.get('opened'));
    expect([former.get('noise'), former.get('old')]).toEqual([drop, old]);
    expect(definition.events).toEqual({ opened: schema, closed: schema });
  });

  it.each<[string, object, string]>([
    [
      'a version that is not whole',
      events({ version: 1.5 }),
      'events.opened.version: expected a whole number from 1, got 1.5',
    ],
    [
      'version 0',
      events({ version: 0 }),
      'events.opened.version: expected a whole number from 1, got 0',
    ],
    [
      'a version that no column holds',
      events({ version: 2 ** 31 }),
      'events.opened.version: expected',
    ],
    ['a version that is text', events({ version: '2' }), 'events.opened.version: expected'],
    [
      'a version without steps',
      events({ version: 2 }),
      'events.opened.upcast.1: expected a step from 1 to 2, got none',
    ],
    [
      'a gap in the chain',
      events({ version: 4, upcast: { 1: step, 3: step } }),
      'events.opened.upcast.2: expected a step from 2 to 3, got none',
    ],
    [
      'a step from today',
      events({ version: 2, upcast: { 1: step, 2: step } }),
      'events.opened.upcast: expected steps 1 to 1, got a step 2',
    ],
    [
      'a step without a version',
      events({ upcast: { 1: step } }),
      'events.opened.upcast: expected no steps, as the version is 1, got a step 1',
    ],
    [
      'a step that is no number',
      events({ version: 2, upcast: { 1: step, '01': step } }),
      'got a step 01',
    ],
    [
      'a step that is no function',
      events({ version: 2, upcast: { 1: {} } }),
      'events.opened.upcast.1: expected a function, drop or split(...), got object',
    ],
    [
      'steps in a list',
      events({ version: 2, upcast: [step] }),
      'events.opened.upcast.1: expected a step',
    ],
    [
      'encode alone',
      events({ encode: step }),
      'events.opened.decode: expected a function, as encode is given, got none',
    ],
    [
      'decode alone',
      events({ decode: step }),
      'events.opened.encode: expected a function, as decode is given, got none',
    ],
    [
      'a decode that is no function',
      events({ encode: step, decode: 'no' }),
      'events.opened.decode: expected a function, got string',
    ],
    [
      'an old name that is no list',
      events({ formerly: 'created' }),
      'events.opened.formerly: expected a list of names, got "created"',
    ],
    [
      'an empty old name',
      events({ formerly: [''] }),
      'events.opened.formerly: expected a list of names',
    ],
    [
      'two claims on an old name',
      events({ formerly: ['x'] }, { formerly: ['x'] }),
      'events.closed.formerly: expected a name of its own (events.opened.formerly claims it too), got x',
    ],
    [
      'the same old name twice',
      events({ formerly: ['x', 'x'] }),
      'events.opened.formerly: expected a name of its own',
    ],
    [
      "an old name that is another event's",
      events({ formerly: ['closed'] }),
      'events.opened.formerly: expected a name of its own (events.closed claims it too)',
    ],
    [
      'a retired event that lives',
      { retired: { opened: drop } },
      'retired.opened: expected a name of its own (events.opened claims it too)',
    ],
    [
      'a retired event with an old name',
      { ...events({ formerly: ['x'] }), retired: { x: drop } },
      'events.opened.formerly: expected a name of its own (retired.x claims it too)',
    ],
    [
      'a retired event that is a function',
      { retired: { x: step } },
      'retired.x: expected drop or split(...), got function',
    ],
    ['retired events that are none', { retired: null }, 'retired: expected an object, got null'],
    [
      'a stored name with a control character',
      { storedAs: 'a\0b' },
      'an aggregate: storedAs: expected 1 to 100 bytes',
    ],
    ['a reserved stored name', { storedAs: '$saga' }, 'an aggregate: storedAs: expected'],
    [
      'a namespace that is no URI reference',
      { namespace: 'my accounts' },
      'namespace: expected a URI reference, as https://example.org/accounts, got "my accounts"',
    ],
    ['an empty namespace', { namespace: '' }, 'namespace: expected a URI reference'],
  ])('are refused with %s', (_, given, message) => {
    expect(define(given)).toThrowError(SetupError);
    expect(define(given)).toThrowError(
      expect.objectContaining({
        code: 'InvalidDefinition',
        message: expect.stringContaining(message),
      }),
    );
  });
});
