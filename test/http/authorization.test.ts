import type { Action } from 'troupe/http';
import { describe, expect, it } from 'vitest';
import { collect } from '../support/collect.js';
import { type Ask, openBody, serve, serveBank } from './support/served.js';

const token = 'a-token-of-some-length';
const bearer = { headers: { authorization: `Bearer ${token}` } };
const wrong = { headers: { authorization: 'Bearer another-token-of-that' } };

/** Each action there is, and what it is answered where it is allowed. */
const ACTIONS = [
  ['POST', '/api/account', openBody, 201],
  ['POST', '/api/account/a/deposit', { cents: 1 }, 200],
  ['GET', '/api/account/a', undefined, 200],
  ['GET', '/api/account/a/events', undefined, 200],
  ['GET', '/api/views/balances', undefined, 200],
  ['GET', '/api/views/balances/a', undefined, 200],
  ['GET', '/api/commands/c', undefined, 404],
  ['GET', '/openapi.json', undefined, 200],
  ['GET', '/asyncapi.json', undefined, 200],
  ['GET', '/docs', undefined, 200],
  ['GET', '/docs/start.js', undefined, 200],
  ['GET', '/metrics', undefined, 200],
] as const;

describe('with a token', () => {
  it.each(ACTIONS)('%s %s is for who has it', async (method, path, body, status) => {
    const { ask, troupe } = await serveBank({ token });
    if (path !== '/api/account') await ask('POST', '/api/account', { ...bearer, body: openBody });
    const before = (await collect(troupe.runtime.events())).length;
    const question = body === undefined ? {} : { body };
    const none = await ask(method, path, question);
    expect(none).toMatchObject({ status: 401, body: { code: 'Unauthenticated' } });
    expect(none.headers['www-authenticate']).toBe('Bearer');
    expect((await ask(method, path, { ...question, ...wrong })).status).toBe(403);
    expect(await collect(troupe.runtime.events())).toHaveLength(before);
    expect((await ask(method, path, { ...question, ...bearer })).status).toBe(status);
  });

  it('tells nothing before: not whether a thing exists, nor what is wrong with a body', async () => {
    const { ask } = await serveBank({ token });
    for (const path of ['/api/nothing', '/api/account'])
      expect((await ask('POST', path, { body: 'nonsense' })).status).toBe(401);
    expect((await ask('GET', '/api/account/nobody')).status).toBe(401);
  });

  it('health is for everybody', async () => {
    const { ask } = await serveBank({ token });
    for (const path of ['/health/live', '/health/ready'])
      expect((await ask('GET', path)).status).toBe(200);
  });

  it('of several, each has its principal', async () => {
    const { ask, troupe } = await serveBank({ token: [{ token, principal: 'eve' }] });
    await ask('POST', '/api/account', { ...bearer, body: openBody });
    const [event] = await collect(troupe.runtime.events());
    expect(event?.metadata.principal).toBe('eve');
  });
});

describe('the hook authorize', () => {
  it('sees route, action and target of each request', async () => {
    const seen: Action[] = [];
    const { ask } = await serveBank({
      async authorize(request, action) {
        seen.push(action);
        expect(request.remoteAddress).toMatch(/127\.0\.0\.1$/);
        return request.header('x-user');
      },
    });
    const headers = { 'x-user': 'eve' };
    for (const [method, path, body] of ACTIONS.slice(0, 6))
      await ask(method, path, body === undefined ? { headers } : { body, headers });
    expect(seen).toEqual([
      ...[{ kind: 'command', route: 'POST /api/:aggregate', aggregate: 'account', id: 'a' }].map(
        (action) => ({ ...action, command: 'open' }),
      ),
      {
        ...{ kind: 'command', route: 'POST /api/:aggregate/:id/:command' },
        ...{ aggregate: 'account', id: 'a', command: 'deposit' },
      },
      { kind: 'state', route: 'GET /api/:aggregate/:id', aggregate: 'account', id: 'a' },
      { kind: 'events', route: 'GET /api/:aggregate/:id/events', aggregate: 'account', id: 'a' },
      { kind: 'view', route: 'GET /api/views/:view', view: 'balances' },
      { kind: 'view', route: 'GET /api/views/:view/:key', view: 'balances', key: 'a' },
    ]);
  });

  it.each([undefined, null, false, ''] as const)('refuses by returning %j', async (verdict) => {
    const { ask } = await serveBank({ authorize: () => verdict });
    expect((await ask('GET', '/api/account/a')).status).toBe(401);
    expect((await ask('GET', '/api/account/a', bearer)).status).toBe(403);
  });

  it('that throws lets nothing through', async () => {
    const { ask, troupe } = await serveBank({
      authorize() {
        throw new Error('a secret');
      },
    });
    const answer = await ask('POST', '/api/account', { body: openBody });
    expect(answer).toMatchObject({ status: 500, body: { code: 'InternalError' } });
    expect(answer.text).not.toContain('secret');
    expect(await collect(troupe.runtime.events())).toEqual([]);
  });
});

describe('without any authorisation', () => {
  const fails = async (ask: Ask, headers: Record<string, string>) => {
    const answer = await ask('GET', '/openapi.json', { headers });
    expect(answer).toMatchObject({ status: 403, body: { code: 'NotProtected' } });
  };

  it('only this machine is answered, under names of its own', async () => {
    const { ask } = await serveBank();
    for (const host of ['localhost', 'LOCALHOST:80', '127.0.0.1:9', '[::1]', '[::1]:80'])
      expect((await ask('GET', '/openapi.json', { headers: { host } })).status).toBe(200);
    await fails(ask, { host: 'evil.example' });
    await fails(ask, { host: '127.0.0.1.evil.example' });
    await fails(ask, { 'x-forwarded-for': '203.0.113.7' });
  });

  it('an app whose peer is not known answers nobody', async () => {
    const { server } = await serveBank();
    expect((await server.app.request('http://localhost/openapi.json')).status).toBe(403);
  });

  it.each(['0.0.0.0', '::', '203.0.113.7', 'example.org'])(
    'nothing is bound to %s, and why is said',
    async (host) => {
      const { troupe } = await serveBank();
      await expect(serve(troupe.runtime, { host })).rejects.toMatchObject({
        code: 'NotProtected',
        message: expect.stringContaining(`${host} can be reached from elsewhere`),
      });
    },
  );

  it('with a token it is', async () => {
    const { troupe } = await serveBank();
    const { server } = await serve(troupe.runtime, { host: '0.0.0.0', token });
    expect(server.port).toBeGreaterThan(0);
  });
});

describe('commands', () => {
  it('are off unless switched on, and left out of the documents', async () => {
    const { ask, troupe } = await serveBank({ commands: false });
    for (const [method, path, body] of ACTIONS.slice(0, 2)) {
      const answer = await ask(method, path, { body });
      expect(answer).toMatchObject({ status: 403, body: { code: 'CommandsOff' } });
    }
    expect(await collect(troupe.runtime.events())).toEqual([]);
    const { body } = await ask('GET', '/openapi.json');
    const posts = Object.entries<object>(body.paths).filter(([, item]) => 'post' in item);
    expect(posts.map(([path]) => path)).toEqual(['/inspect/actors/{aggregate}/{id}/dry-run']);
  });
});
