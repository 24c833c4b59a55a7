import { connect } from 'node:net';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Ask, openBody, serveBank } from './support/served.js';

/** A request that is not answered within this time hangs. */
const DEADLINE_MS = 5000;

const segment = fc.oneof(
  fc.constantFrom('account', 'views', 'balances', 'commands', 'events', 'a', 'deposit', 'open'),
  fc.constantFrom(
    '..',
    '.',
    '%2e%2e',
    '%00',
    '%E4',
    '%',
    '%zz',
    '__proto__',
    'constructor',
    '$state',
  ),
  fc
    .string({ maxLength: 20 })
    .map((text) => encodeURIComponent(text.replace(/[\ud800-\udfff]/g, ''))),
  fc.string({ unit: 'binary-ascii', maxLength: 20 }).map((text) => text.replace(/[^!-~]/g, '%')),
);
const path = fc
  .tuple(fc.constantFrom('/api/', '/', '/docs/', '/health/'), fc.array(segment, { maxLength: 4 }))
  .map(([root, segments]) => root + segments.join('/'));
const query = fc
  .array(
    fc.tuple(
      fc.constantFrom('limit', 'after', 'sort', 'type', 'cents.gt', 'owner.in', 'waitFor', 'state'),
      fc.oneof(fc.webQueryParameters(), fc.constantFrom('-1', '1e9', '%', '%ff', '')),
    ),
    { maxLength: 3 },
  )
  .map((pairs) => pairs.map(([name, value]) => `${name}=${value}`).join('&'));
const headerText = fc
  .string({ unit: 'binary-ascii', maxLength: 40 })
  .map((text) => text.replace(/[^ -~]/g, ' '));
const headers = fc.dictionary(
  fc.constantFrom(
    'if-match',
    'if-none-match',
    'idempotency-key',
    'x-correlation-id',
    'traceparent',
  ),
  headerText,
  { maxKeys: 3 },
);
const body = fc.oneof(
  fc.jsonValue().map((value) => JSON.stringify(value)),
  fc
    .record({
      type: fc.oneof(fc.constant('open'), fc.string()),
      data: fc.jsonValue(),
      id: fc.jsonValue(),
    })
    .map((value) => JSON.stringify(value)),
  fc.string(),
  fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes)),
);

const request = fc.record({
  method: fc.constantFrom('GET', 'POST', 'PUT', 'HEAD', 'OPTIONS', 'DELETE'),
  ...{ at: path, search: query, headers, body },
});

async function answered(asking: ReturnType<Ask>) {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('it hangs')), DEADLINE_MS);
  });
  return Promise.race([asking, late]).finally(() => clearTimeout(timer));
}

it('answers whatever comes, never 500, and goes on', { timeout: 60_000 }, async () => {
  const { ask } = await serveBank();
  await ask('POST', '/api/account', { body: openBody });
  await fc.assert(
    fc.asyncProperty(request, async ({ method, at, search, headers, body }) => {
      const hasBody = method === 'POST' || method === 'PUT';
      const question = { headers, ...(hasBody && { body }) };
      const { status, text } = await answered(ask(method, `${at}?${search}`, question));
      expect([200, 201, 304, 400, 404, 405, 409, 412, 413, 415, 422], text).toContain(status);
    }),
    { numRuns: 600 },
  );
  expect((await ask('GET', '/api/account/a')).status).toBe(200);
});

it('takes no header out of what is sent', async () => {
  const { ask } = await serveBank();
  const id = 'x\r\nset-cookie: a=b';
  const refused = await ask('POST', '/api/account', { body: { ...openBody, id } });
  expect(refused).toMatchObject({ status: 400, body: { code: 'InvalidId' } });
  const encoded = await ask('GET', `/api/account/${encodeURIComponent(id)}`);
  expect(encoded.status).toBe(400);
  for (const answer of [refused, encoded]) expect(answer.headers).not.toHaveProperty('set-cookie');
  const odd = 'é"<>\\;,';
  const created = await ask('POST', '/api/account', { body: { ...openBody, id: odd } });
  expect(created.headers.location).toBe(`/api/account/${encodeURIComponent(odd)}`);
});

it.each([
  'GET /api/account/a HTTP/1.1\r\n\r\n',
  'GET /api/account/a HTTP/1.1\r\nhost: a b\r\n\r\n',
  'GET \\api HTTP/1.1\r\nhost: localhost\r\n\r\n',
  'GET http://[ HTTP/1.1\r\nhost: localhost\r\n\r\n',
  'GET //evil.example/api HTTP/1.1\r\nhost: localhost\r\n\r\n',
  'nonsense\r\n\r\n',
])('answers %j, and goes on', async (text) => {
  const { ask, server } = await serveBank();
  const line = await new Promise<string>((resolve, reject) => {
    const socket = connect(server.port, '127.0.0.1', () => socket.write(text));
    socket.setTimeout(DEADLINE_MS, () => reject(new Error('it hangs')));
    socket.on('data', (data) => {
      resolve(String(data).split('\r\n')[0] as string);
      socket.destroy();
    });
    socket.on('error', reject);
  });
  expect(line).toMatch(/^HTTP\/1\.1 40[034] /);
  expect((await ask('GET', '/health/live')).status).toBe(200);
});
