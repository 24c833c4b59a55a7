import express from 'express';
import { defineAggregate, event, upsert } from 'troupe';
import { createHttp } from 'troupe/http';
import { mcp } from 'troupe/mcp';
import { testRuntime } from 'troupe/testing';
import * as v from 'valibot';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { asker, listening, openBody, serveBank } from '../http/support/served.js';
import { collect } from '../support/collect.js';
import { ajvSchema } from './support/ajv-schema.js';
import { call, connect, everything, mcpBank, mcpOf, REVISIONS } from './support/mcp-client.js';

describe.each(REVISIONS)('over HTTP, a client of %s', (revision) => {
  const bank = async (...given: Parameters<typeof mcpBank>) => {
    const served = await mcpBank(...given);
    return { ...served, client: await connect(served.url, {}, revision) };
  };

  it('is told what is allowed, with schemas and hints', async () => {
    const { client } = await bank({ info: { title: 'The bank', version: '1.2.3' } });
    const { tools } = await client.listTools();
    const hints = tools.map(({ name, annotations: given }) => [
      name,
      ...[given?.readOnlyHint, given?.destructiveHint, given?.idempotentHint, given?.openWorldHint],
    ]);
    expect(hints).toEqual([
      ['account_open', false, false, false, false],
      ['account_deposit', false, true, false, false],
      ['account_withdraw', false, true, false, false],
      ...['command_outcome', 'find_balances', 'get_balances', 'read_account'].map((name) => [
        ...[name, true, false, true, false],
      ]),
      ['read_account_events', true, false, true, false],
    ]);
    const [open, deposit] = tools;
    expect(open?.inputSchema.required).toEqual(['data']);
    expect(deposit?.inputSchema.required).toEqual(['id', 'data']);
    const fits = ajvSchema(deposit?.inputSchema as object);
    expect(fits({ id: 'a', data: { cents: 1 }, waitFor: ['balances'] })).toBe(true);
    for (const wrong of [{ cents: 0 }, { cents: 'x' }, {}])
      expect(fits({ id: 'a', data: wrong })).toBe(false);
    expect(fits({ id: 'a', data: { cents: 1 }, nothing: 1 })).toBe(false);
    expect(deposit?.description).toContain('ACCOUNT_OVERDRAWN (There is not that much');
    expect(tools.every(({ outputSchema }) => outputSchema !== undefined)).toBe(true);
    expect(client.getServerVersion()).toMatchObject({ title: 'The bank', version: '1.2.3' });
  });

  it('sends commands and reads what became of them', async () => {
    const { client } = await bank();
    const opened = await call(client, 'account_open', { id: 'a', data: { owner: 'mia' } });
    expect(opened.body).toMatchObject({ id: 'a', version: 1, events: [{ type: 'opened' }] });
    const given = { id: 'a', data: { cents: 7 }, waitFor: ['balances'], idempotencyKey: 'k' };
    const deposited = await call(client, 'account_deposit', given);
    expect(deposited.body).toMatchObject({ version: 2, waited: { balances: 'done' } });
    const again = await call(client, 'account_deposit', given);
    expect(again.body).toMatchObject({ version: 2, deduplicated: true });
    const state = { owner: 'mia', balance: 7 };
    expect((await call(client, 'read_account', { id: 'a' })).body).toMatchObject({ state });
    const { body } = await call(client, 'find_balances', { 'cents.gte': 5, sort: '-cents' });
    expect(body.items).toMatchObject([{ key: 'a', document: { cents: 7 } }]);
    expect((await call(client, 'find_balances', { 'owner.in': ['x', 'y'] })).body.items).toEqual(
      [],
    );
    const one = await call(client, 'get_balances', { key: 'a' });
    expect(one.body.document).toEqual({ owner: 'mia', cents: 7, movements: 1 });
    const events = await call(client, 'read_account_events', { id: 'a', type: ['deposited'] });
    expect(events.body.items).toMatchObject([{ version: 2, data: { cents: 7 } }]);
    const made = await call(client, 'account_open', { data: { owner: 'ben' } });
    expect(made.body.id).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('reads resources, as they are listed and by their templates', async () => {
    const { client, ask } = await bank();
    await ask('POST', '/api/account', { body: { ...openBody, id: 'a/b' } });
    await ask('POST', '/api/account/a%2Fb/deposit?waitFor=balances', { body: { cents: 7 } });
    const { resources } = await client.listResources();
    expect(resources.map(({ uri }) => uri)).toEqual(['troupe:///api/views/balances']);
    const { resourceTemplates } = await client.listResourceTemplates();
    expect(resourceTemplates.map(({ uriTemplate }) => uriTemplate.split('{?')[0])).toEqual([
      ...['troupe:///api/views/balances', 'troupe:///api/views/balances/{key}'],
      ...['troupe:///api/account/{id}', 'troupe:///api/account/{id}/events'],
    ]);
    for (const path of [
      ...['/api/views/balances', '/api/views/balances?owner=mia&limit=1'],
      ...['/api/views/balances/a%2Fb', '/api/account/a%2Fb', '/api/account/a%2Fb/events?after=1'],
    ]) {
      const { contents } = await client.readResource({ uri: `troupe://${path}` });
      const [found] = contents as readonly { readonly text: string; readonly mimeType: string }[];
      expect(found?.mimeType).toBe('application/json');
      expect(found?.text).toBe((await ask('GET', path)).text);
    }
  });

  it('has nothing that is not allowed', async () => {
    const { client, ask, troupe } = await bank({}, { commands: ['account.deposit'] });
    await ask('POST', '/api/account', { body: openBody });
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(['account_deposit', 'command_outcome']);
    expect(tools[0]?.inputSchema.properties).not.toHaveProperty('waitFor');
    for (const name of ['account_withdraw', 'account_open', 'read_account', 'find_balances', ''])
      await expect(call(client, name, { id: 'a', data: { cents: 1 } })).rejects.toThrow('no tool');
    expect((await client.listResources()).resources).toEqual([]);
    expect((await client.listResourceTemplates()).resourceTemplates).toEqual([]);
    for (const uri of ['troupe:///api/account/a', 'troupe:///api/views/balances', 'file:///etc'])
      await expect(client.readResource({ uri })).rejects.toThrow('no such resource');
    expect(await collect(troupe.runtime.events())).toHaveLength(1);
  });

  it('gets the codes that HTTP gives, as errors of tools', async () => {
    const { client, ask } = await bank();
    await ask('POST', '/api/account', { body: openBody });
    const cents = { cents: 1 };
    const tried: [string, Record<string, unknown>, [string, string, unknown?, object?]][] = [
      [
        ...(['account_withdraw', { id: 'a', data: cents }] as const),
        ['POST', '/api/account/a/withdraw', cents],
      ],
      [
        ...(['account_deposit', { id: 'nobody', data: cents }] as const),
        ['POST', '/api/account/nobody/deposit', cents],
      ],
      [
        ...(['account_open', { id: 'a', data: { owner: 'x' } }] as const),
        ['POST', '/api/account', { ...openBody, data: { owner: 'x' } }],
      ],
      [
        ...(['account_deposit', { id: 'a', data: { cents: 'x' } }] as const),
        ['POST', '/api/account/a/deposit', { cents: 'x' }],
      ],
      [
        ...(['account_deposit', { id: 'a', data: cents, expectedVersion: 9 }] as const),
        ['POST', '/api/account/a/deposit?expectedVersion=9', cents],
      ],
      ['account_deposit', { id: '\0', data: cents }, ['POST', '/api/account/%00/deposit', cents]],
      ['read_account', { id: 'nobody' }, ['GET', '/api/account/nobody']],
      ['read_account_events', { id: 'a', limit: 0 }, ['GET', '/api/account/a/events?limit=0']],
      ['find_balances', { cents: 'x' }, ['GET', '/api/views/balances?cents=x']],
      ['get_balances', { key: 'nobody' }, ['GET', '/api/views/balances/nobody']],
      ['command_outcome', { commandId: 'nothing' }, ['GET', '/api/commands/nothing']],
    ];
    for (const [tool, given, [method, path, body]] of tried) {
      const { isError, body: problem } = await call(client, tool, given);
      const { body: same } = await ask(method, path, body === undefined ? {} : { body });
      expect(isError, tool).toBe(true);
      const { traceId: _, errors: __, ...rest } = problem;
      const { traceId: ___, errors: ____, ...other } = same;
      expect(rest).toEqual(other);
    }
    const { body } = await call(client, 'account_deposit', { id: 'a', data: { cents: 'x' } });
    expect(body.errors).toEqual([{ pointer: '/data/cents', message: expect.any(String) }]);
  });
});

describe('the endpoint', () => {
  it('is not there unless it is switched on', async () => {
    const { ask, server } = await serveBank();
    expect((await ask('POST', '/mcp', { body: {} })).status).toBe(404);
    await expect(connect(server.url)).rejects.toThrow();
  });

  it('needs no commands over HTTP, and opens none', async () => {
    const { url, ask } = await mcpBank({ commands: false });
    const client = await connect(url);
    const opened = await call(client, 'account_open', { id: 'a', data: { owner: 'mia' } });
    expect(opened.isError).toBe(false);
    const answer = await ask('POST', '/api/account/a/deposit', { body: { cents: 1 } });
    expect(answer).toMatchObject({ status: 403, body: { code: 'CommandsOff' } });
  });

  it('works under a path, before and after a body parser', async () => {
    for (const parsed of [true, false]) {
      const { troupe } = await serveBank();
      const app = express();
      if (parsed) app.use(express.json());
      app.use('/admin', createHttp(troupe.runtime, { mcp: mcp(everything) }).nodeListener);
      const client = await connect(`${await listening(app)}/admin`);
      const opened = await call(client, 'account_open', { id: 'a', data: { owner: 'mia' } });
      expect(opened.body.version).toBe(1);
    }
    const { troupe } = await serveBank();
    const options = { mcp: mcp(everything), basePath: '/troupe' };
    const url = await listening(createHttp(troupe.runtime, options).nodeListener);
    const client = await connect(`${url}/troupe`);
    expect((await call(client, 'account_open', { data: { owner: 'mia' } })).isError).toBe(false);
  });

  it('takes JSON of a bounded size by POST alone', async () => {
    const { url } = await mcpBank({ maxBodyBytes: 1000 });
    const ask = asker(url);
    for (const method of ['GET', 'DELETE', 'PUT'])
      expect(await ask(method, '/mcp')).toMatchObject({ status: 405, headers: { allow: 'POST' } });
    const large = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: { x: 'x'.repeat(1000) } };
    expect((await ask('POST', '/mcp', { body: large })).status).toBe(413);
    const text = { headers: { 'content-type': 'text/plain' } };
    expect((await ask('POST', '/mcp', { ...text, body: '{}' })).status).toBe(415);
    expect((await ask('POST', '/mcp', { body: '{' })).status).toBe(400);
  });

  it('keeps no connection for subscriptions', async () => {
    const { url } = await mcpBank();
    const client = await connect(url);
    await expect(
      client.listen({ resourceSubscriptions: ['troupe:///api/account/a'] }),
    ).rejects.toThrow();
  });
});

describe('what is allowed', () => {
  const opening = async (allowed: object) => {
    const { troupe } = await serveBank();
    return createHttp(troupe.runtime, { mcp: mcp(allowed as never) });
  };

  it.each([
    [{}, 'something that is allowed'],
    [{ command: ['account.open'] }, 'commands'],
    [{ commands: 'account.open' }, 'a list of names'],
    [{ commands: [7] }, 'aggregate.command'],
    [{ commands: ['account.opne'] }, 'account.open'],
    [{ commands: ['account'] }, 'account.deposit'],
    [{ commands: [{ command: 'account.open', isDestructive: 'no' }] }, 'true or false'],
    [{ views: ['balance'] }, 'balances'],
    [{ streams: ['balances'] }, 'account'],
    [{ streams: ['account', 'account'] }, 'would be named read_account'],
    [{ commands: ['account.open'], options: {} }, 'commands, views, streams'],
  ])('%j is refused, saying what is expected', async (allowed, expected) => {
    await expect(opening(allowed)).rejects.toThrow(expected);
  });

  it('has the words and hints that are given with it', async () => {
    const description = 'Puts money into an account.';
    const command = { command: 'account.deposit', description, isDestructive: false };
    const { url } = await mcpBank({ requireIdempotencyKey: true }, { commands: [command] });
    const client = await connect(url);
    const [tool] = (await client.listTools()).tools;
    expect(tool?.description).toContain(description);
    expect(tool?.annotations).toMatchObject({ destructiveHint: false, idempotentHint: true });
    expect(tool?.inputSchema.required).toContain('idempotencyKey');
    const { body } = await call(client, 'account_deposit', { id: 'a', data: { cents: 1 } });
    expect(body.code).toBe('IdempotencyKeyMissing');
  });
});

/** Recursive, of another library, transforming, and called as no tool can be. */
const tree: z.ZodType<{ children: object[] }> = z.object({
  get children() {
    return z.array(tree);
  },
});
const odd = defineAggregate({
  name: 'odd thing/{x}',
  commands: { 'plant a tree': upsert(tree), weigh: upsert(v.object({ n: v.number() })) },
  events: {
    planted: tree,
    weighed: event({
      schema: z.object({ at: z.date() }),
      encode: ({ at }) => ({ at: at.toISOString() }),
      decode: ({ at }) => ({ at: new Date(at) }),
    }),
  },
  initialState: { trees: 0 },
  decide: {
    'plant a tree': (_state, data, context) => [context.event.planted(data)],
    weigh: (_state, { n }, context) => [context.event.weighed({ at: new Date(n) })],
  },
  evolve: { planted: (state) => ({ trees: state.trees + 1 }), weighed() {} },
});

it('what is hard to describe is described, and can be called', async () => {
  const commands = ['odd thing/{x}.plant a tree', 'odd thing/{x}.weigh'];
  const troupe = await testRuntime({ domain: [odd] });
  onTestFinished(() => troupe.stop());
  const { url } = await mcpOf(troupe.runtime, { commands, streams: ['odd thing/{x}'] });
  const client = await connect(url);
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toEqual([
    ...['odd_thing__x__plant_a_tree', 'odd_thing__x__weigh', 'command_outcome'],
    ...['read_odd_thing__x_', 'read_odd_thing__x__events'],
  ]);
  const [plant, weigh] = tools.map(({ inputSchema }) => ajvSchema(inputSchema));
  expect(plant?.({ data: { children: [{ children: [] }] } })).toBe(true);
  expect(plant?.({ data: { children: [{ children: [7] }] } })).toBe(false);
  expect(weigh?.({ data: { n: 'anything' } })).toBe(true);
  const data = { children: [{ children: [] }] };
  const planted = await call(client, 'odd_thing__x__plant_a_tree', { id: 'a/b', data });
  expect(planted.body.events).toMatchObject([{ data }]);
  const weighed = await call(client, 'odd_thing__x__weigh', { id: 'a/b', data: { n: 0 } });
  expect(weighed.body.events).toMatchObject([{ data: { at: '1970-01-01T00:00:00.000Z' } }]);
  const uri = 'troupe:///api/odd%20thing%2F%7Bx%7D/a%2Fb';
  const { contents } = await client.readResource({ uri });
  expect(JSON.parse((contents[0] as { text: string }).text)).toMatchObject({ state: { trees: 1 } });
});
