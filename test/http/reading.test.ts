import { startRuntime } from 'troupe';
import { describe, expect, it, onTestFinished } from 'vitest';
import { balances } from '../../examples/bank/balances.js';
import { account } from '../../examples/bank/domain.js';
import { databaseUrl, freshSchema } from '../support/postgres.js';
import { type Ask, openBody, serve, serveBank } from './support/served.js';

async function fill(ask: Ask): Promise<void> {
  await ask('POST', '/api/account', { body: openBody, headers: { 'x-correlation-id': 'c' } });
  for (let cents = 1; cents <= 5; cents++)
    await ask('POST', '/api/account/a/deposit', { body: { cents } });
  await ask('POST', '/api/account/a/withdraw', { body: { cents: 3 } });
}

const versions = (body: { items: { version: number }[] }) => body.items.map((one) => one.version);

describe('the state', () => {
  it('has its version as its entity tag, and is not sent again while it is true', async () => {
    const { ask } = await serveBank();
    await fill(ask);
    const { headers, body } = await ask('GET', '/api/account/a');
    expect(body).toEqual({
      ...{ aggregate: 'account', id: 'a', version: 7, position: 7 },
      state: { owner: 'mia', balance: 12 },
    });
    const match = { headers: { 'if-none-match': headers.etag as string } };
    const again = await ask('GET', '/api/account/a', match);
    expect(again).toMatchObject({ status: 304, text: '', headers: { etag: '"7"' } });
    await ask('POST', '/api/account/a/deposit', { body: { cents: 1 } });
    expect((await ask('GET', '/api/account/a', match)).status).toBe(200);
  });

  it('answers HEAD as GET, without a body', async () => {
    const { ask } = await serveBank();
    await fill(ask);
    const head = await ask('HEAD', '/api/account/a/events');
    expect(head).toMatchObject({ status: 200, text: '' });
  });
});

describe('the audit log', () => {
  it('is paged by version, with payloads and metadata', async () => {
    const { ask } = await serveBank();
    await fill(ask);
    const first = await ask('GET', '/api/account/a/events?limit=3');
    expect(versions(first.body)).toEqual([1, 2, 3]);
    expect(first.body.items[0]).toMatchObject({
      ...{ eventId: 'account/a@1', type: 'opened', data: { owner: 'mia' } },
      metadata: { correlationId: 'c' },
    });
    const { next } = first.body;
    const second = await ask('GET', `/api/account/a/events?limit=3&after=${next}`);
    expect(versions(second.body)).toEqual([4, 5, 6]);
    const last = await ask('GET', `/api/account/a/events?limit=3&after=${second.body.next}`);
    expect(last.body).toEqual({ items: [expect.objectContaining({ version: 7 })] });
    expect((await ask('GET', '/api/account/a/events?after=7')).body).toEqual({ items: [] });
  });

  it.each([
    ['type=withdrawn', [7]],
    ['type=withdrawn&type=opened', [1, 7]],
    ['upTo=2', [1, 2]],
    ['correlationId=c', [1]],
    ['since=2999-01-01', []],
    ['until=2999-01-01T00:00:00Z&type=opened', [1]],
    ['type=nothing', []],
  ])('is filtered by %s', async (query, expected) => {
    const { ask } = await serveBank();
    await fill(ask);
    const { body } = await ask('GET', `/api/account/a/events?${query}`);
    expect(versions(body)).toEqual(expected);
  });

  it.each(['typ=opened', 'limit=1001', 'after=-1', 'since=yesterday'])(
    'refuses %s',
    async (query) => {
      const { ask } = await serveBank();
      await fill(ask);
      const answer = await ask('GET', `/api/account/a/events?${query}`);
      expect(answer).toMatchObject({ status: 400, body: { code: 'InvalidQuery' } });
    },
  );
});

describe('a view', () => {
  async function withDocuments() {
    const { ask } = await serveBank();
    for (const [id, owner, cents] of [
      ['a', 'mia', 5],
      ['b', 'ben', 900],
      ['c/d', 'mia', 700],
    ] as const) {
      await ask('POST', '/api/account', { body: { type: 'open', id, data: { owner } } });
      await ask('POST', `/api/account/${encodeURIComponent(id)}/deposit`, { body: { cents } });
    }
    return ask;
  }

  it.each([
    ['', ['a', 'b', 'c/d']],
    ['owner=mia', ['a', 'c/d']],
    ['owner.ne=mia', ['b']],
    ['owner.in=mia,ben&cents.gt=10', ['b', 'c/d']],
    ['cents.gte=700&cents.lt=900', ['c/d']],
    ['owner.prefix=b', ['b']],
    ['rich=false&sort=-cents', ['b', 'c/d', 'a']],
    ['sort=owner,-cents', ['b', 'c/d', 'a']],
    ['owner.isNull=true', []],
    ['key=c%2Fd', ['c/d']],
  ])('is filtered and sorted by %s', async (query, keys) => {
    const ask = await withDocuments();
    const { body } = await ask('GET', `/api/views/balances?${query}`);
    expect(body.items.map(({ key }: { key: string }) => key)).toEqual(keys);
  });

  it('is paged by cursor, and shows one document by its key', async () => {
    const ask = await withDocuments();
    const first = await ask('GET', '/api/views/balances?limit=2&sort=-cents');
    const next = encodeURIComponent(first.body.next);
    const second = await ask('GET', `/api/views/balances?limit=2&sort=-cents&after=${next}`);
    expect(second.body).toEqual({ items: [expect.objectContaining({ key: 'a' })] });
    expect((await ask('GET', '/api/views/balances/c%2Fd')).body).toEqual({
      ...{ key: 'c/d', document: { owner: 'mia', cents: 700, movements: 1 } },
    });
  });

  it.each([
    'nothing=1',
    'owner.like=x',
    'rich.prefix=x',
    'cents=x',
    'cents=99999999999999999999',
    'rich=yes',
    'owner=a&owner=b',
    'sort=nothing',
    'limit=1001',
    'after=nonsense',
    'atPosition=x',
  ])('refuses %s', async (query) => {
    const ask = await withDocuments();
    const answer = await ask('GET', `/api/views/balances?${query}`);
    expect(answer).toMatchObject({ status: 400, body: { code: 'InvalidQuery' } });
  });
});

describe('on Postgres', () => {
  async function bank(options = {}) {
    const store = { kind: 'postgres', url: databaseUrl(), schema: freshSchema() } as const;
    const runtime = await startRuntime({ domain: { account, balances }, store, shards: 0 });
    onTestFinished(() => runtime.stop());
    return { runtime, ...(await serve(runtime, options)) };
  }

  it('waitFor: a command is answered when the view has handled it', async () => {
    const { ask } = await bank();
    const created = await ask('POST', '/api/account?waitFor=balances', { body: openBody });
    expect(created).toMatchObject({ status: 201, body: { waited: { balances: 'done' } } });
    for (let cents = 1; cents <= 5; cents++) {
      const sent = await ask('POST', '/api/account/a/deposit?waitFor=balances', {
        body: { cents },
      });
      expect(sent.body.waited).toEqual({ balances: 'done' });
      const { body } = await ask('GET', '/api/views/balances/a');
      expect(body.document.movements).toBe(cents);
    }
    const { body } = await ask('POST', '/api/account/a/deposit', { body: { cents: 6 } });
    const path = `/api/views/balances/a?atPosition=${body.position}`;
    expect((await ask('GET', path)).body.document.cents).toBe(21);
  });

  it('waitFor: says that it was in vain, while the command is stored', async () => {
    const { ask, runtime } = await bank({ waitForMs: 200 });
    await ask('POST', '/api/account?waitFor=balances', { body: openBody });
    await runtime.pause('balances');
    await expect.poll(async () => (await runtime.subscriptions())[0]?.state).toBe('paused');
    const sent = await ask('POST', '/api/account/a/deposit?waitFor=balances', {
      body: { cents: 1 },
    });
    expect(sent).toMatchObject({ status: 200, body: { version: 2 } });
    expect(sent.body.waited).toEqual({ balances: 'timedOut' });
    const odd = await ask('POST', '/api/account/a/deposit?waitFor=x', { body: { cents: 1 } });
    expect(odd).toMatchObject({ status: 400, body: { code: 'InvalidQuery' } });
    expect((await ask('GET', '/api/account/a')).body.version).toBe(2);
  });

  it('is ready, and has figures for Prometheus', async () => {
    const { ask } = await bank();
    await fill(ask);
    expect(await ask('GET', '/health/ready')).toMatchObject({
      status: 200,
      body: { status: 'ready', role: 'active', database: 'reachable', shards: ['running'] },
    });
    const { headers, text } = await ask('GET', '/metrics');
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(text).toContain('troupe_commands_total{shard="0",outcome="accepted"} 7\n');
  });
});
