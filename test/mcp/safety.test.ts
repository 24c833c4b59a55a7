import fc from 'fast-check';
import { defineAggregate, upsert } from 'troupe';
import type { Action, Redactable } from 'troupe/http';
import { testRuntime } from 'troupe/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { asker, openBody } from '../http/support/served.js';
import { account } from '../support/account.js';
import { collect } from '../support/collect.js';
import { call, connect, everything, mcpBank, mcpOf } from './support/mcp-client.js';

const token = 'a-token-of-some-length';
const right = { authorization: `Bearer ${token}` };
const wrong = { authorization: 'Bearer another-token-of-that' };
const list = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} };

/** Each tool of the bank, with arguments that it takes. */
const CALLS = [
  ['account_open', { id: 'b', data: { owner: 'ben' } }, 'command'],
  ['account_deposit', { id: 'a', data: { cents: 1 } }, 'command'],
  ['account_withdraw', { id: 'a', data: { cents: 1 } }, 'command'],
  ['command_outcome', { commandId: 'c' }, 'outcome'],
  ['find_balances', {}, 'view'],
  ['get_balances', { key: 'a' }, 'view'],
  ['read_account', { id: 'a' }, 'state'],
  ['read_account_events', { id: 'a' }, 'events'],
] as const;

describe('with a token', () => {
  it('nobody is answered without it, and nothing is done', async () => {
    const { url, troupe } = await mcpBank({ token });
    const ask = asker(url);
    const accept = { accept: 'application/json, text/event-stream' };
    for (const [headers, status] of [
      [{}, 401],
      [wrong, 403],
    ] as const) {
      await expect(connect(url, headers)).rejects.toThrow();
      for (const [name, given] of CALLS) {
        const body = { ...list, method: 'tools/call', params: { name, arguments: given } };
        const answer = await ask('POST', '/mcp', { body, headers: { ...accept, ...headers } });
        expect(answer.status, name).toBe(status);
      }
    }
    expect(await collect(troupe.runtime.events())).toEqual([]);
    const client = await connect(url, right);
    for (const [name, given, kind] of CALLS) {
      const { isError, body } = await call(client, name, given);
      if (isError) expect(body.code, name).toMatch(/NOT_FOUND|UnknownOutcome|NoDocument/);
      else expect(['command', 'view']).toContain(kind);
    }
    const [event] = await collect(troupe.runtime.events());
    expect(event?.metadata.principal).toBe('bearer');
  });
});

describe('the hook authorize', () => {
  it('sees each action as HTTP shows it, with the request that came', async () => {
    const seen: Action[] = [];
    const { url, troupe } = await mcpBank({
      authorize(request, action) {
        if (action.kind !== 'mcp') seen.push(action);
        expect(request).toMatchObject({
          method: 'POST',
          remoteAddress: expect.stringMatching(/127/),
        });
        expect(request.url).toMatch(/\/mcp$/);
        return { principal: request.header('x-user') ?? '', tenant: 'bank' };
      },
    });
    const client = await connect(url, { 'x-user': 'eve', 'x-correlation-id': 'talk' });
    for (const [name, given] of CALLS) await call(client, name, given);
    await client.readResource({ uri: 'troupe:///api/account/b' });
    expect(seen.map(({ kind, route }) => `${kind} ${route}`)).toEqual([
      'command POST /api/:aggregate',
      ...Array(2).fill('command POST /api/:aggregate/:id/:command'),
      'outcome GET /api/commands/:commandId',
      'view GET /api/views/:view',
      'view GET /api/views/:view/:key',
      'state GET /api/:aggregate/:id',
      'events GET /api/:aggregate/:id/events',
      'state GET /api/:aggregate/:id',
    ]);
    expect(seen[0]).toMatchObject({ aggregate: 'account', id: 'b', command: 'open' });
    expect(seen[1]).toMatchObject({ aggregate: 'account', id: 'a', command: 'deposit' });
    const [event] = await collect(troupe.runtime.events());
    expect(event?.metadata).toMatchObject({
      ...{ principal: 'eve', tenant: 'bank', correlationId: 'talk' },
    });
  });

  it.each(CALLS)('keeps a tool from being used: %s', async (name, given, kind) => {
    const { url, troupe } = await mcpBank({
      authorize: (_request, action) => (action.kind === kind ? undefined : 'eve'),
    });
    const client = await connect(url, right);
    const { isError, body } = await call(client, name, given);
    expect({ isError, body }).toMatchObject({ isError: true, body: { status: 403 } });
    expect(body.code).toBe('Forbidden');
    expect(await collect(troupe.runtime.events())).toEqual([]);
  });

  it('keeps resources from being read', async () => {
    const { url } = await mcpBank({
      authorize: (_request, { kind }) => (kind === 'mcp' ? 'eve' : undefined),
    });
    const client = await connect(url, right);
    for (const path of ['account/a', 'account/a/events', 'views/balances', 'views/balances/a'])
      await expect(client.readResource({ uri: `troupe:///api/${path}` })).rejects.toMatchObject({
        data: { code: 'Forbidden' },
      });
  });
});

describe('without authorisation', () => {
  it('only this machine is answered, and no page of another site', async () => {
    const { url, server } = await mcpBank();
    const ask = asker(url);
    const accept = 'application/json, text/event-stream';
    const status = async (headers: Record<string, string>) =>
      (await ask('POST', '/mcp', { body: list, headers: { accept, ...headers } })).status;
    expect(await status({})).toBe(200);
    expect(await status({ origin: 'http://localhost:6274' })).toBe(200);
    expect(await status({ origin: url })).toBe(200);
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { host: 'evil.example' },
      { 'x-forwarded-for': '203.0.113.7' },
    ])
      expect(await status(headers as Record<string, string>), JSON.stringify(headers)).toBe(403);
    const body = JSON.stringify(list);
    const init = { method: 'POST', body, headers: { 'content-type': 'application/json', accept } };
    expect((await server.app.request('http://localhost/mcp', init)).status).toBe(403);
  });
});

describe('what leaves', () => {
  it('is redacted everywhere, and still fits what was promised', async () => {
    const kinds = new Set<string>();
    const redact = (_value: unknown, { kind }: Redactable) => {
      kinds.add(kind);
      return kind === 'rejection' ? { message: 'hidden', details: {} } : { hidden: kind };
    };
    const { url } = await mcpBank({ redact });
    const client = await connect(url);
    await client.listTools();
    const data = { owner: 'secret' };
    const texts = [
      (await call(client, 'account_open', { id: 'a', data })).body,
      (await call(client, 'account_deposit', { id: 'a', data: { cents: 4711 } })).body,
      (await call(client, 'account_withdraw', { id: 'a', data: { cents: 4712 } })).body,
      (await call(client, 'read_account', { id: 'a' })).body,
      (await call(client, 'read_account_events', { id: 'a' })).body,
      (await call(client, 'find_balances', {})).body,
      await client.readResource({ uri: 'troupe:///api/account/a' }),
      await client.readResource({ uri: 'troupe:///api/account/a/events' }),
    ].map((body) => JSON.stringify(body));
    for (const text of texts) expect(text).not.toMatch(/secret|471[12]/);
    expect([...kinds].sort()).toEqual(
      expect.arrayContaining(['event', 'metadata', 'rejection', 'state']),
    );
  });
});

/** Called as a command of accounts: `/api/account/../deposit` is a route of its own. */
const deposit = defineAggregate({
  name: 'deposit',
  commands: { open: upsert(z.looseObject({})) },
  events: { opened: z.looseObject({}) },
  initialState: {},
  decide: { open: (_state, data, { event }) => [event.opened(data)] },
  evolve: { opened() {} },
});

describe('an id or a key', () => {
  it.each(['..', '.', '', '\ud800'])('%j leads to no other route', async (id) => {
    const { url, troupe } = await mcpBank();
    const client = await connect(url);
    for (const [name, given] of [
      ['account_deposit', { id, data: { cents: 1, type: 'open' } }],
      ['read_account', { id }],
      ['read_account_events', { id }],
      ['get_balances', { key: id }],
      ['command_outcome', { commandId: id }],
    ] as const) {
      const { isError, body } = await call(client, name, given);
      expect({ isError, code: body.code }).toEqual({ isError: true, code: 'InvalidId' });
    }
    expect(await collect(troupe.runtime.events())).toEqual([]);
  });

  it('does not reach an aggregate that is not allowed', async () => {
    const domain = [account, deposit] as never;
    const troupe = await testRuntime({ domain });
    onTestFinished(() => troupe.stop());
    const { url } = await mcpOf(troupe.runtime, {
      commands: ['account.deposit'],
      streams: ['account'],
    });
    const client = await connect(url);
    for (const id of ['..', '../deposit', 'a/../../deposit', '%2e%2e', 'x?y', 'x#y', 'x\\..']) {
      const given = { id, data: { type: 'open', data: {} } };
      expect((await call(client, 'account_deposit', given)).isError).toBe(true);
    }
    for (const uri of [
      'troupe:///api/account/../deposit/a',
      'troupe:///api/account%2F..%2Fdeposit/a',
      'troupe:///api/deposit/a',
      'troupe:///api/account/a/events/..',
      'troupe:///api/account',
      'troupe:///inspect/shards',
      'troupe:///api/%E4',
      'http://localhost/api/account/a',
    ])
      await expect(client.readResource({ uri })).rejects.toThrow();
    expect(await collect(troupe.runtime.events())).toEqual([]);
  });

  it('cannot put headers into a request', async () => {
    const { url, ask } = await mcpBank();
    await ask('POST', '/api/account', { body: openBody });
    const client = await connect(url);
    for (const idempotencyKey of ['x\r\nx-user: eve', 'é', '', ' x', 'x'.repeat(256), 7]) {
      const given = { id: 'a', data: { cents: 1 }, idempotencyKey };
      const { isError, body } = await call(client, 'account_deposit', given);
      expect(isError, String(idempotencyKey)).toBe(true);
      expect(body.code).toBe('InvalidCommand');
    }
  });
});

describe('arguments', () => {
  it('whatever they are, end as an answer and never as a bug', { timeout: 30_000 }, async () => {
    const { url, ask } = await mcpBank();
    await ask('POST', '/api/account', { body: openBody });
    const client = await connect(url);
    const names = CALLS.map(([name]) => name);
    const keys = ['id', 'data', 'key', 'commandId', 'waitFor', 'expectedVersion', 'limit', 'after'];
    const value = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom('a', '..', 'a/b', { cents: 1 }, -1, 1e21),
    );
    const given = fc.dictionary(fc.oneof(fc.constantFrom(...keys), fc.string()), value, {
      maxKeys: 4,
    });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...names), given, async (name, argument) => {
        const { isError, body } = await call(client, name, argument);
        if (isError) expect(body.status, JSON.stringify(body)).toBeLessThan(500);
      }),
      { numRuns: 150 },
    );
    expect((await call(client, 'read_account', { id: 'a' })).isError).toBe(false);
  });

  it('nested a hundred thousand levels deep neither end nor hold the process', async () => {
    const { url } = await mcpBank();
    const levels = 100_000;
    const deep = `${'['.repeat(levels)}${']'.repeat(levels)}`;
    const body = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"account_deposit","arguments":{"id":"a","data":{"cents":1,"deep":${deep}}}}}`;
    const headers = { accept: 'application/json, text/event-stream' };
    const { status, text } = await asker(url)('POST', '/mcp', { body, headers });
    expect(`${status} ${text.slice(0, 200)}`).toMatch(/^(200|400) /);
    expect((await asker(url)('GET', '/health/live')).status).toBe(200);
  });
});

it('a redaction that throws lets nothing out', async () => {
  const redact = () => {
    throw new Error('secret');
  };
  const { url } = await mcpBank({ redact }, everything);
  const client = await connect(url);
  const { isError, body } = await call(client, 'account_open', { data: { owner: 'mia' } });
  expect({ isError, code: body.code }).toEqual({ isError: true, code: 'InternalError' });
  expect(JSON.stringify(body)).not.toContain('secret');
});
