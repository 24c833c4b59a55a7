import { once } from 'node:events';
import { get } from 'node:http';
import { connect } from 'node:net';
import fc from 'fast-check';
import type { Action } from 'troupe/http';
import { describe, expect, it } from 'vitest';
import { collect } from '../support/collect.js';
import { type ApiDocument, Conformance } from './support/conforms.js';
import { type Ask, openBody, serveBank } from './support/served.js';

const token = 'a-token-of-some-length';
const right = { authorization: `Bearer ${token}` };
const wrong = { authorization: 'Bearer another-token-of-that' };
const MEBIBYTE = 1024 * 1024;
const DEADLINE_MS = 5000;

/** What is not an operation of the API: the documents themselves, and pages. */
const DASHBOARD = ['/', '/dashboard/:file'];
const UNDOCUMENTED = ['/openapi.json', '/asyncapi.json', '/docs', '/docs/:file', ...DASHBOARD];

/** An operation of the document. */
interface Operation {
  readonly method: string;
  readonly path: string;
  readonly isLive: boolean;
}

async function operationsOf(ask: Ask, headers = {}): Promise<Operation[]> {
  const { body } = await ask('GET', '/openapi.json', { headers });
  return Object.entries<Record<string, never>>(body.paths).flatMap(([path, item]) =>
    Object.entries<{ responses: Record<string, { content?: object }> }>(item)
      .filter(([method]) => method !== 'parameters')
      .map(([method, { responses }]) => ({
        ...{ method: method.toUpperCase(), path },
        isLive: 'text/event-stream' in (responses[200]?.content ?? {}),
      })),
  );
}

const filled = (path: string, value = 'x') => path.replaceAll(/\{\w+\}/g, value);
const bodyFor = (method: string, body: unknown = {}) => (method === 'POST' ? { body } : {});

describe('every route', () => {
  it('is in the document, or is one of its own pages', async () => {
    const { ask, server } = await serveBank({ verbs: true });
    const operations = await operationsOf(ask);
    const asked = new Set(
      // The dashboard has a second route, for `/` below a path.
      server.app.routes.map(({ path }) => path).filter((path) => !/[*{]/.test(path)),
    );
    expect(asked.size).toBeGreaterThan(40);
    for (const route of asked) {
      const fits = new RegExp(`^${route.replaceAll('.', '\\.').replaceAll(/:\w+/g, '[^/]+')}$`);
      const documented = operations.filter(({ path }) => fits.test(path));
      if (!UNDOCUMENTED.includes(route)) expect(documented.length, route).toBeGreaterThan(0);
      // Its other methods are answered 405: what is not, is in the document too.
      for (const method of ['GET', 'POST']) {
        if (documented.some((one) => one.method === method)) continue;
        if (UNDOCUMENTED.includes(route) && method === 'GET') continue;
        const { body } = await ask(method, route.replaceAll(/:\w+/g, 'x'), bodyFor(method));
        // `POST /api/views/x/y` is a command of an aggregate that there is not.
        const expected = ['MethodNotAllowed', 'UnknownAggregate'];
        expect(expected, `${method} ${route}`).toContain(body.code);
      }
    }
  });

  it.each([
    ['nothing of that name', 'x', {}],
    ['what cannot be an id', '%00', { type: 7 }],
    ['what is no path', '%ff', []],
  ])('keeps to the document for %s', async (_, value, body) => {
    const { ask: plain } = await serveBank({ verbs: true });
    const document = (await plain('GET', '/openapi.json')).body as ApiDocument;
    const ask = new Conformance(document).asking(plain);
    for (const { method, path, isLive } of await operationsOf(plain)) {
      if (isLive) continue;
      const { status } = await ask(method, filled(path, value), bodyFor(method, body));
      expect(status, `${method} ${path}`).toBeLessThan(500);
    }
  });

  it('takes a body of 1 MiB at most', async () => {
    const { ask } = await serveBank({ verbs: true });
    const large = `{"why":"${'x'.repeat(MEBIBYTE)}"}`;
    const posts = (await operationsOf(ask)).filter(({ method }) => method === 'POST');
    expect(posts.length).toBeGreaterThan(15);
    for (const { method, path } of posts)
      expect(await ask(method, filled(path), { body: large }), path).toMatchObject({
        ...{ status: 413, body: { code: 'BodyTooLarge' } },
      });
  });

  it('is for who has the token, and does nothing for others', async () => {
    const { ask, troupe, server } = await serveBank({ token, verbs: true });
    const operations = await operationsOf(ask, right);
    const own = UNDOCUMENTED.map((path) => ({
      ...{ method: 'GET', isLive: false, path: path.replace(':file', 'start.js') },
    }));
    for (const { method, path, isLive } of [...operations, ...own]) {
      const where = `${method} ${path}`;
      // The files of the dashboard hold no data.
      const isOpen = /^\/(health\/.*|dashboard\/.*|)$/.test(path);
      const question = bodyFor(method, { who: 'Ada', why: 'a test', type: 'open', data: {} });
      const none = await ask(method, filled(path), question);
      if (isOpen) expect([401, 403], where).not.toContain(none.status);
      else expect(none, where).toMatchObject({ status: 401, body: { code: 'Unauthenticated' } });
      const other = await ask(method, filled(path), { ...question, headers: wrong });
      if (!isOpen) expect(other, where).toMatchObject({ status: 403, body: { code: 'Forbidden' } });
      if (isLive) expect(await statusOf(`${server.url}${path}`, right), where).toBe(200);
      else {
        const given = await ask(method, filled(path), { ...question, headers: right });
        expect([401, 403], `${where} ${given.status}`).not.toContain(given.status);
      }
    }
    const { entries } = await troupe.runtime.inspect.audit({ limit: 1000 });
    expect(entries.every(({ who }) => who === 'bearer')).toBe(true);
  });
});

/** Of an answer that does not end: it is left as soon as it begins. */
async function statusOf(url: string, headers: Record<string, string>): Promise<number> {
  const outgoing = get(url, { headers });
  const [incoming] = (await once(outgoing, 'response')) as [{ statusCode: number }];
  outgoing.destroy();
  return incoming.statusCode;
}

describe('the inspection', () => {
  const word = fc.constantFrom('account', 'a', 'nobody', '..', '%2e%2e', '%00', '%zz', '__proto__');
  const text = fc.string({ maxLength: 12 }).map((one) => encodeURIComponent(one.toWellFormed()));
  const segment = fc.oneof(
    word,
    text.filter((one) => one !== ''),
  );
  const names = [
    'limit',
    'after',
    'version',
    'from',
    'to',
    'sort',
    'id',
    'type',
    'status',
    'idPrefix',
  ];
  const value = fc.oneof(fc.constantFrom('-1', '1e9', '%', '%ff', '', '2', 'W10', '%00'), text);
  const query = fc
    .array(fc.tuple(fc.constantFrom(...names), value), { maxLength: 3 })
    .map((pairs) => pairs.map(([name, one]) => `${name}=${one}`).join('&'));
  const field = fc.oneof(fc.jsonValue(), fc.constantFrom('a test', 'deposit', 'account', 'a', 1));
  const body = fc.oneof(
    fc.jsonValue().map((one) => JSON.stringify(one)),
    fc
      .dictionary(fc.constantFrom('who', 'why', 'type', 'data', 'aggregate', 'id', 'event'), field)
      .map((one) => JSON.stringify(one)),
    fc.string(),
  );

  it('answers whatever comes, never 500, and goes on', { timeout: 30_000 }, async () => {
    const { ask } = await serveBank({ verbs: true });
    await ask('POST', '/api/account', { body: openBody });
    const all = await operationsOf(ask);
    const paths = all.filter(({ path, isLive }) => path.startsWith('/inspect/') && !isLive);
    const asking = fc.record({
      ...{ operation: fc.constantFrom(...paths), search: query, content: body },
      segments: fc.array(segment, { minLength: 3, maxLength: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(asking, async ({ operation, search, content, segments }) => {
        const { method, path } = operation;
        let next = 0;
        const at = path.replaceAll(/\{\w+\}/g, () => segments[next++] as string);
        const question = bodyFor(method, content);
        const { status, text } = await inTime(ask(method, `${at}?${search}`, question));
        expect([200, 400, 404, 405, 409, 415, 422], `${method} ${at} ${text}`).toContain(status);
      }),
      { numRuns: 250 },
    );
    expect((await ask('GET', '/inspect/shards')).status).toBe(200);
  });
});

async function inTime<Answer>(asking: Promise<Answer>): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('it hangs')), DEADLINE_MS);
  });
  return Promise.race([asking, late]).finally(() => clearTimeout(timer));
}

describe('a path', () => {
  it.each([
    '/api/account/a/../b/deposit',
    '/api/account/a/%2e%2e/b/deposit',
    '/api/./account/b/deposit',
    '//api/account/b/deposit',
    '/docs/../api/account/b/deposit',
    '/api/account/b%2Fdeposit',
    '/api/account/b/deposit/',
    '/api/account/b/deposit;x=1',
    '/api/account/b/deposit%3Fstate=true',
    '/api/account/b/deposit%00',
    '/api/account/b\\deposit',
    '/API/account/b/deposit',
    'http://localhost/api/account/b/deposit',
    'http://evil.example/api/account/b/deposit',
  ])('as raw as %s is judged as what is done for it', async (path) => {
    const seen: Action[] = [];
    const { server, troupe, ask } = await serveBank({
      authorize(_request, action) {
        seen.push(action);
        return 'eve';
      },
    });
    for (const id of ['a', 'b']) await ask('POST', '/api/account', { body: { ...openBody, id } });
    seen.length = 0;
    const status = await raw(server.port, path);
    expect(status).toBeLessThan(500);
    const done = (await collect(troupe.runtime.events())).slice(2);
    expect(done.map(({ id }) => id)).toEqual(
      seen.filter(({ command }) => command === 'deposit').map(({ id }) => id),
    );
    if (status === 200) expect(done).toHaveLength(1);
    else expect(done).toEqual([]);
  });
});

/** Sends a path as it is written; resolves with the status. */
async function raw(port: number, path: string): Promise<number> {
  const socket = connect(port, '127.0.0.1');
  const body = '{"cents":1}';
  const head = `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n`;
  socket.write(`${head}content-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`);
  const [data] = (await inTime(once(socket, 'data'))) as [Buffer];
  socket.destroy();
  return Number(String(data).split(' ')[1]);
}
