import { connect } from 'node:net';
import fc from 'fast-check';
import { createHttp } from 'troupe/http';
import { testRuntime } from 'troupe/testing';
import { expect, it, onTestFinished } from 'vitest';
import { account } from '../../examples/bank/domain.js';
import { directly } from '../../src/http/direct.js';
import { json, type Route, type RouteSetup } from '../../src/http/routes.js';
import { type Ask, asker, listening, openBody, throughFetch } from './support/served.js';

/** Two like banks: one asked through our listener, one through the app alone. */
async function bothWays(): Promise<readonly [Ask, Ask]> {
  const bank = async () => {
    const troupe = await testRuntime({ domain: [account] });
    onTestFinished(() => troupe.stop());
    return createHttp(troupe.runtime, { commands: true });
  };
  const [direct, app] = [await bank(), await bank()];
  return [asker(await listening(direct.nodeListener)), asker(await throughFetch(app))];
}

const name = fc.constantFrom(
  ...['account', 'views', 'commands', 'a', 'b', 'deposit', 'open', 'withdraw', 'events', 'a%2Fb'],
  ...[
    '..',
    '.',
    '.a',
    'a.b',
    '%2e%2e',
    '%2E',
    '%00',
    '%E4',
    '%',
    '%zz',
    '',
    "a'b",
    'a;b',
    'A',
    'é',
  ],
  ...['__proto__', 'constructor', '$state', 'a%20b', 'a+b', 'x:%2F%2Fy', '[a]', 'a\\b', 'a|b'],
);
const path = fc
  .tuple(fc.constantFrom('/api/', '/api/account/', '/API/', '//'), fc.array(name, { maxLength: 3 }))
  .map(([root, names]) => root + names.join('/'));
const query = fc.constantFrom(
  ...['', '?', '?state=true', '?expectedVersion=1', '?expectedVersion=x', '?waitFor=nothing'],
  ...['?x=http://y/z', '?a=b#c', '#d', '?state=%74rue', '?state=true&state=false', "?x='"],
);
const headers = fc.dictionary(
  fc.constantFrom(
    'if-match',
    'if-none-match',
    'idempotency-key',
    'content-type',
    'host',
    'traceparent',
  ),
  fc.constantFrom(
    '*',
    '"1"',
    'k',
    '',
    'application/json',
    'text/plain',
    'localhost',
    'evil.example',
    'a b',
  ),
  { maxKeys: 2 },
);
const body = fc.constantFrom(
  ...['{"cents":1}', '{"cents":"x"}', '{', '', '{"type":"open","data":{"owner":"mia"}}', '[]'],
  ...[
    '{"type":"open","data":{"owner":"mia"},"id":"b"}',
    '{"type":"deposit","data":{"cents":1},"id":"a"}',
  ],
);

it('answers as the app of hono does, whatever comes', { timeout: 60_000 }, async () => {
  const [direct, app] = await bothWays();
  for (const ask of [direct, app]) await ask('POST', '/api/account', { body: openBody });
  const question = fc.record({ path, query, headers, body });
  await fc.assert(
    fc.asyncProperty(question, async ({ path, query, headers, body }) => {
      const target = path.replace('é', '%C3%A9') + query;
      const [here, there] = [
        await direct('POST', target, { headers, body }),
        await app('POST', target, { headers, body }),
      ];
      const what = ({ status, body }: typeof here) => [
        status,
        body?.code,
        body?.version,
        body?.detail,
      ];
      expect(what(here), `${target} ${JSON.stringify(headers)} ${body}`).toEqual(what(there));
    }),
    { numRuns: 500 },
  );
});

const route: Route = {
  method: 'POST',
  path: '/api/:aggregate/:id/:command',
  target: () => ({ kind: 'command' }),
  handle: (call) => json({ id: call.param('id'), url: call.url, query: call.query.get('x') }),
};

/** What is not taken is answered 404. */
async function onlyDirect(basePath = ''): Promise<Ask> {
  const setup = { options: { basePath, authorize: () => 'eve' } } as unknown as RouteSetup;
  const direct = directly(setup, [route]);
  const url = await listening((incoming, outgoing) => {
    if (!direct(incoming, outgoing)) outgoing.writeHead(404).end();
  });
  return asker(url);
}

it('takes what is written plainly, and decodes it', async () => {
  const ask = await onlyDirect('/base');
  const { status, body } = await ask(
    'POST',
    '/base/api/account/a%2Fb%20c/deposit?x=http://y/%20z',
    {
      ...{ body: {}, headers: { host: 'localhost:1' } },
    },
  );
  expect(status).toBe(200);
  const url = 'http://localhost:1/base/api/account/a%2Fb%20c/deposit?x=http://y/%20z';
  expect(body).toEqual({ id: 'a/b c', url, query: 'http://y/ z' });
});

it.each([
  ['/api/account/../deposit', {}],
  ['/api/account/%2E%2e/deposit', {}],
  ['/api/account/./deposit', {}],
  ['/api/account//deposit', {}],
  ['/api/account/a/deposit/', {}],
  ['/api/account/a', {}],
  ['/API/account/a/deposit', {}],
  ['/api/account/a\\b/deposit', {}],
  ['/api/account/a/deposit#b', {}],
  ['http://localhost/api/account/a/deposit', {}],
  ['/api/account/a/deposit', { headers: { host: 'a b' } }],
  ['/api/account/a/deposit', { headers: { host: 'localhost:99999' } }],
  ['/api/account/a/deposit', { headers: { host: 'user@localhost' } }],
  ['/api/account/a/deposit', { body: 'x'.repeat(64 * 1024 + 1) }],
  ['/api/account/a/deposit', { chunks: ['{}'] }],
])('leaves %j %j to the app', async (target, question) => {
  const ask = await onlyDirect();
  expect((await ask('POST', '/api/account/a/deposit', { body: {} })).status).toBe(200);
  const asked = 'chunks' in question ? question : { body: {}, ...question };
  expect((await ask('POST', target, asked)).status).toBe(404);
});

it('joins a header that comes twice: neither of them counts alone', async () => {
  const troupe = await testRuntime({ domain: [account] });
  onTestFinished(() => troupe.stop());
  const token = 'a-token-of-some-length';
  const { nodeListener } = createHttp(troupe.runtime, { commands: true, token });
  const { port, hostname } = new URL(await listening(nodeListener));
  const line = await new Promise<string>((resolve, reject) => {
    const body = JSON.stringify(openBody);
    const head = [
      'POST /api/account HTTP/1.1',
      ...['host: localhost', 'content-type: application/json', `content-length: ${body.length}`],
      ...[`authorization: Bearer ${token}`, 'authorization: Bearer of-another-kind'],
    ];
    const socket = connect(Number(port), hostname, () =>
      socket.write(`${head.join('\r\n')}\r\n\r\n${body}`),
    );
    socket.on('error', reject);
    socket.on('data', (data) => {
      resolve(String(data).split('\r\n')[0] as string);
      socket.destroy();
    });
  });
  expect(line).toBe('HTTP/1.1 403 Forbidden');
});
