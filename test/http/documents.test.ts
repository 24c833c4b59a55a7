import { Parser } from '@asyncapi/parser';
import { Validator } from '@seriousme/openapi-schema-validator';
import { defineAggregate, defineView, event, upsert } from 'troupe';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { balances } from '../../examples/bank/balances.js';
import { account as bankAccount } from '../../examples/bank/domain.js';
import { exampleOf } from '../../src/http/documents/example-of.js';
import { account } from '../support/account.js';
import { type ApiDocument, Conformance, pointerTo } from './support/conforms.js';
import { openBody, serveBank } from './support/served.js';

interface Tree {
  readonly name: string;
  readonly children: readonly Tree[];
}
const tree: z.ZodType<Tree> = z.object({
  name: z.string(),
  get children() {
    return z.array(tree);
  },
});
const valued = v.object({ n: v.number() });

/** All that makes a document hard: recursion, other libraries, dates, odd names. */
const odd = defineAggregate({
  name: 'odd thing/{x}',
  prefix: { code: 'ODD', number: 7 },
  commands: {
    'plant a tree': upsert(tree),
    weigh: upsert(valued),
    date: upsert(z.object({ at: z.coerce.date(), on: z.iso.date().optional() })),
    nothing: upsert(z.object({})),
  },
  events: {
    planted: tree,
    weighed: valued,
    dated: event({
      schema: z.object({ at: z.date() }),
      encode: ({ at }) => ({ at: at.toISOString() }),
      decode: ({ at }) => ({ at: new Date(at) }),
    }),
  },
  errors: {
    TOO_HEAVY: {
      number: 1,
      status: 413,
      details: valued,
      message: ({ n }: { n: number }) => `${n}`,
    },
  },
  state: z.object({ count: z.int() }),
  initialState: { count: 0 },
  decide: {
    'plant a tree': (_state, data, context) => [context.event.planted(data)],
    weigh: (_state, data, context) => [context.event.weighed(data)],
    date: (_state, data, context) => [context.event.dated({ at: data.at })],
    nothing: () => [],
  },
  evolve: { planted() {}, weighed() {}, dated() {} },
});
const limits = defineView({
  name: 'limits',
  version: 1,
  on: [odd],
  key: (given) => given.id,
  initial: { limit: 0 },
  columns: { limit: 'bigint' },
  evolve: (document) => document,
});
const domain = [account, odd, limits] as never;

describe.each([
  ['the bank', [bankAccount, balances] as never],
  ['hard cases', domain],
])('documents of %s', (_, definitions) => {
  it.each([{}, { token: 'a-token-of-some-length', commands: false }])(
    'are valid: a public validator says so of the OpenAPI document (%j)',
    async (options) => {
      const { ask } = await serveBank(options, { domain: definitions });
      const headers = { authorization: 'Bearer a-token-of-some-length' };
      const { body } = await ask('GET', '/openapi.json', { headers });
      expect(body.openapi).toBe('3.1.0');
      const { valid, errors } = await new Validator().validate(body);
      expect(errors ?? []).toEqual([]);
      expect(valid).toBe(true);
    },
  );

  it('are valid: a public validator says so of the AsyncAPI document', async () => {
    const { ask } = await serveBank({}, { domain: definitions });
    const { text } = await ask('GET', '/asyncapi.json');
    const { document, diagnostics } = await new Parser().parse(text);
    expect(diagnostics.filter(({ severity }) => severity === 0)).toEqual([]);
    expect(document?.version()).toBe('3.0.0');
    expect(document?.channels().all().length).toBeGreaterThan(0);
  });

  it('have examples that their own schemas take', async () => {
    const { ask } = await serveBank({}, { domain: definitions });
    const { body } = await ask('GET', '/openapi.json');
    const conformance = new Conformance(body as ApiDocument);
    let checked = 0;
    for (const [path, item] of Object.entries<{ post?: { requestBody: never } }>(body.paths)) {
      if (!item.post) continue;
      const at = ['paths', path, 'post', 'requestBody', 'content', 'application/json'];
      const content = (item.post.requestBody as { content: Record<string, { examples?: object }> })
        .content['application/json'];
      for (const { value } of Object.values<{ value: unknown }>(
        (content?.examples ?? {}) as Record<string, { value: unknown }>,
      )) {
        expect(conformance.errors(pointerTo([...at, 'schema']), value)).toBeUndefined();
        checked += 1;
      }
    }
    expect(checked).toBeGreaterThan(0);
  });
});

describe('the OpenAPI document', () => {
  it('is kept to by every route, in status and body', async () => {
    const { ask: plain } = await serveBank();
    const { body } = await plain('GET', '/openapi.json');
    const conformance = new Conformance(body as ApiDocument);
    const ask = conformance.asking(plain);
    const cents = { body: { cents: 5 } };
    await ask('POST', '/api/account', { body: openBody });
    await ask('POST', '/api/account', { body: openBody });
    await ask('POST', '/api/account', { body: '{' });
    await ask('POST', '/api/account', { body: { type: 'open' } });
    await ask('POST', '/api/account/a/deposit?state=true', cents);
    await ask('POST', '/api/account/a/withdraw?waitFor=balances', cents);
    await ask('POST', '/api/account/a/withdraw', cents);
    await ask('POST', '/api/account/b/deposit', cents);
    await ask('POST', '/api/account/b/open', { body: { owner: 'ben' } });
    await ask('POST', '/api/account/a/deposit', { ...cents, headers: { 'if-match': '"9"' } });
    await ask('POST', '/api/account/a/deposit', { body: { cents: -1 } });
    await ask('POST', '/api/account/a/deposit', { ...cents, headers: { 'content-type': 'x/y' } });
    await ask('POST', '/api/account/a/deposit', { body: 'x'.repeat(1024 * 1024 + 1) });
    await ask('GET', '/api/account/a');
    await ask('GET', '/api/account/a', { headers: { 'if-none-match': '"3"' } });
    await ask('GET', '/api/account/nobody');
    await ask('GET', '/api/account/%ff');
    await ask('GET', '/api/account/a/events?limit=1');
    await ask('GET', '/api/account/a/events?limit=x');
    await ask('GET', '/api/views/balances?sort=-cents&limit=1');
    await ask('GET', '/api/views/balances?nothing=1');
    await ask('GET', '/api/views/balances/a');
    await ask('GET', '/api/views/balances/nobody');
    await ask('GET', '/api/commands/c');
    await ask('GET', '/health/live');
    await ask('GET', '/health/ready');
    await ask('GET', '/metrics');
    const used = new Set([...conformance.used].map((one) => one.replace(/ \d+$/, '')));
    const own = Object.entries<object>(body.paths).filter(([path]) => !/^\/inspect/.test(path));
    const all = own.flatMap(([path, item]) =>
      Object.keys(item)
        .filter((key) => key !== 'parameters')
        .map((method) => `${method} ${path}`),
    );
    expect([...used].sort()).toEqual(all.sort());
  });

  it('holds what a schema says of commands, events, state and errors', async () => {
    const { ask } = await serveBank({}, { domain });
    const { body } = await ask('GET', '/openapi.json');
    const { schemas } = body.components;
    expect(schemas['account.command.open']).toMatchObject({
      ...{ type: 'object', required: ['owner'], properties: { owner: { type: 'string' } } },
    });
    expect(schemas['odd_thing__x_.stateSchema'].properties.count.type).toBe('integer');
    const children = schemas['odd_thing__x_.command.plant_a_tree'].properties.children;
    expect(children.items.$ref).toBe('#/components/schemas/odd_thing__x_.command.plant_a_tree');
    const weigh = body.paths['/api/odd%20thing%2F%7Bx%7D/{id}/weigh'].post;
    expect(weigh.responses['413'].description).toContain('ODD_TOO_HEAVY');
    const withdraw = body.paths['/api/account/{id}/withdraw'].post.responses['409'];
    const { examples } = withdraw.content['application/problem+json'];
    expect(examples.ACCOUNT_OVERDRAWN.value).toMatchObject({
      ...{ status: 409, code: 'ACCOUNT_OVERDRAWN', internalCode: 1001 },
    });
  });

  it('says of a schema without one that it knows none, and takes one that is given', async () => {
    const without = await serveBank({}, { domain });
    const schemasOf = async ({ ask }: typeof without) =>
      (await ask('GET', '/openapi.json')).body.components.schemas['odd_thing__x_.command.weigh'];
    expect(await schemasOf(without)).toEqual({
      description: 'Anything that its valibot schema takes; no JSON Schema of it is known',
    });
    const jsonSchema = (schema: object) => (schema === valued ? { type: 'object' } : undefined);
    expect(await schemasOf(await serveBank({ jsonSchema }, { domain }))).toEqual({
      type: 'object',
    });
  });
});

describe('an example of a schema', () => {
  it.each([
    [{ type: 'integer', exclusiveMinimum: 0 }, 1],
    [{ type: 'integer', minimum: 10, multipleOf: 4 }, 12],
    [{ type: 'string', minLength: 6 }, 'text..'],
    [{ type: 'string', pattern: '^a$' }, undefined],
    [{ examples: ['x'], type: 'string' }, 'x'],
    [{ anyOf: [{ type: 'null' }, { type: 'string' }] }, null],
    [{ type: 'array', items: { type: 'string', pattern: 'x' }, minItems: 1 }, undefined],
    [{ type: 'object', required: ['a'], properties: { a: { type: 'boolean' } } }, { a: true }],
    [{ type: 'object', required: ['a'], properties: { a: {} } }, undefined],
  ])('%j is %j', (schema, expected) => {
    expect(exampleOf(schema)).toEqual(expected);
  });
});

describe('the page of the API', () => {
  it('is served from here alone, under a strict policy', async () => {
    const { ask } = await serveBank({ info: { title: '<Bank> & "co"', version: '1.0.0' } });
    const { headers, text } = await ask('GET', '/docs');
    const policy = headers['content-security-policy'];
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
    expect(text).not.toMatch(/https?:|<Bank>/);
    const links = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link]) => link as string);
    expect(links).toHaveLength(4);
    for (const link of links) expect((await ask('GET', link)).status).toBe(200);
  });

  it.each(['package.json', '..%2Fpackage.json', '%2e%2e%2fx', 'constructor', 'index.js'])(
    'serves no other file: %s',
    async (name) => {
      const { ask } = await serveBank();
      expect((await ask('GET', `/docs/${name}`)).status).toBe(404);
    },
  );
});
