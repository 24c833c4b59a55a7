import { describe, expect, it } from 'vitest';
import { account } from '../../examples/bank/domain.js';
import { collect } from '../support/collect.js';
import { openBody, serveBank } from './support/served.js';

describe('a command over HTTP', () => {
  it('creates: 201, where it is, its version, the receipt', async () => {
    const { ask } = await serveBank();
    const { status, headers, body } = await ask('POST', '/api/account', { body: openBody });
    expect(status).toBe(201);
    expect(headers).toMatchObject({ location: '/api/account/a', etag: '"1"' });
    expect(body).toMatchObject({
      ...{ aggregate: 'account', id: 'a', version: 1, position: 1, deduplicated: false },
      events: [{ type: 'opened', data: { owner: 'mia' }, version: 1, position: 1 }],
    });
    const again = await ask('POST', '/api/account', { body: openBody });
    expect(again).toMatchObject({ status: 409, body: { code: 'ACCOUNT_ALREADY_EXISTS' } });
  });

  it('gives a new one an id of its own if none is named', async () => {
    const { ask } = await serveBank();
    const { body } = await ask('POST', '/api/account', { body: { ...openBody, id: undefined } });
    expect((await ask('GET', `/api/account/${body.id}`)).status).toBe(200);
  });

  it('is sent to one instance, whose id is percent-encoded, and may carry the state back', async () => {
    const { ask } = await serveBank();
    const id = 'a/b%?#é .';
    await ask('POST', '/api/account', { body: { ...openBody, id } });
    const path = `/api/account/${encodeURIComponent(id)}`;
    const sent = await ask('POST', `${path}/deposit?state=true`, { body: { cents: 5 } });
    expect(sent).toMatchObject({ status: 200, headers: { etag: '"2"' } });
    expect(sent.body).toMatchObject({ id, state: { owner: 'mia', balance: 5 } });
    expect((await ask('GET', path)).body).toMatchObject({ id, version: 2 });
  });

  it('is stored with who, why and under which request it was sent', async () => {
    const { ask, troupe } = await serveBank({
      authorize: () => ({ principal: 'eve', tenant: 't' }),
    });
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const headers = { 'x-correlation-id': 'c', 'x-request-id': 'r', traceparent };
    await ask('POST', '/api/account', { body: openBody, headers });
    const [event] = await collect(troupe.aggregate(account).events('a'));
    expect(event?.metadata).toEqual({
      ...{ correlationId: 'c', requestId: 'r', traceparent, principal: 'eve', tenant: 't' },
    });
  });

  it.each([
    ['x-correlation-id', 'x'.repeat(256)],
    ['x-request-id', 'é'],
    ['idempotency-key', 'x'.repeat(256)],
    ['if-match', 'W/"1"'],
    ['if-match', '"1", "2"'],
    ['if-none-match', '"1"'],
  ])('is refused for a header %s that cannot be: %s', async (name, value) => {
    const { ask } = await serveBank();
    await ask('POST', '/api/account', { body: openBody });
    const sent = await ask('POST', '/api/account/a/deposit', {
      ...{ body: { cents: 1 }, headers: { [name]: value } },
    });
    expect(sent).toMatchObject({ status: 400, body: { code: 'InvalidHeader' } });
  });

  it('starts a trace of its own where the traceparent is none', async () => {
    const { ask, troupe } = await serveBank();
    await ask('POST', '/api/account', { body: openBody, headers: { traceparent: 'nonsense' } });
    const [event] = await collect(troupe.aggregate(account).events('a'));
    expect(event?.metadata).not.toHaveProperty('traceparent');
  });
});

describe('preconditions', () => {
  it('If-Match: the version that the stream must have, else 412', async () => {
    const { ask } = await serveBank();
    const { headers } = await ask('POST', '/api/account', { body: openBody });
    const path = '/api/account/a/deposit';
    const match = { body: { cents: 1 }, headers: { 'if-match': headers.etag as string } };
    expect((await ask('POST', path, match)).status).toBe(200);
    const late = await ask('POST', path, match);
    expect(late).toMatchObject({ status: 412, body: { code: 'PreconditionFailed' } });
    const any = { body: { cents: 1 }, headers: { 'if-match': '*' } };
    expect((await ask('POST', path, any)).status).toBe(200);
    expect((await ask('GET', '/api/account/a')).body.version).toBe(3);
  });

  it('If-None-Match: *: only on a stream that is new', async () => {
    const { ask } = await serveBank();
    const fresh = { body: openBody, headers: { 'if-none-match': '*' } };
    expect((await ask('POST', '/api/account', fresh)).status).toBe(201);
    expect((await ask('POST', '/api/account', fresh)).status).toBe(412);
  });

  it('expectedVersion: the same, but a conflict is 409', async () => {
    const { ask } = await serveBank();
    await ask('POST', '/api/account', { body: openBody });
    const late = await ask('POST', '/api/account/a/deposit?expectedVersion=7', {
      body: { cents: 1 },
    });
    expect(late).toMatchObject({ status: 409, body: { code: 'VersionConflict' } });
    const odd = await ask('POST', '/api/account/a/deposit?expectedVersion=x', {
      body: { cents: 1 },
    });
    expect(odd).toMatchObject({ status: 400, body: { code: 'InvalidQuery' } });
  });
});

describe('an idempotency key', () => {
  it('makes a command happen once; the second answer says so, and is the same', async () => {
    const { ask } = await serveBank();
    await ask('POST', '/api/account', { body: openBody });
    const keyed = { body: { cents: 5 }, headers: { 'idempotency-key': 'k' } };
    const first = await ask('POST', '/api/account/a/deposit', keyed);
    const second = await ask('POST', '/api/account/a/deposit', keyed);
    const { commandId: _, ...same } = first.body;
    expect(second).toMatchObject({ status: 200, body: { ...same, deduplicated: true } });
    const quoted = { ...keyed, headers: { 'idempotency-key': '"k"' } };
    expect((await ask('POST', '/api/account/a/deposit', quoted)).body.deduplicated).toBe(true);
    expect((await ask('GET', '/api/account/a')).body.state.balance).toBe(5);
  });

  it('joins the first one while that is under way', async () => {
    const { ask } = await serveBank();
    await ask('POST', '/api/account', { body: openBody });
    const keyed = { body: { cents: 5 }, headers: { 'idempotency-key': 'k' } };
    const all = await Promise.all(
      Array.from({ length: 20 }, () => ask('POST', '/api/account/a/deposit', keyed)),
    );
    expect(all.map(({ status }) => status)).toEqual(all.map(() => 200));
    expect(new Set(all.map(({ body }) => body.version))).toEqual(new Set([2]));
    expect((await ask('GET', '/api/account/a')).body.state.balance).toBe(5);
  });

  it('makes a creation without an id happen once, too', async () => {
    const { ask } = await serveBank();
    const keyed = { body: { ...openBody, id: undefined }, headers: { 'idempotency-key': 'k' } };
    const first = await ask('POST', '/api/account', keyed);
    const second = await ask('POST', '/api/account', keyed);
    expect(second.body).toMatchObject({ id: first.body.id, version: 1, deduplicated: true });
  });

  it('is answered 422 with another body, and 400 where it is required and missing', async () => {
    const { ask } = await serveBank({ requireIdempotencyKey: true });
    const headers = { 'idempotency-key': 'k' };
    await ask('POST', '/api/account', { body: openBody, headers: { 'idempotency-key': 'o' } });
    await ask('POST', '/api/account/a/deposit', { body: { cents: 5 }, headers });
    const other = await ask('POST', '/api/account/a/deposit', { body: { cents: 6 }, headers });
    expect(other).toMatchObject({ status: 422, body: { code: 'KeyReused' } });
    const missing = await ask('POST', '/api/account/a/deposit', { body: { cents: 6 } });
    expect(missing).toMatchObject({ status: 400, body: { code: 'IdempotencyKeyMissing' } });
    expect((await ask('GET', '/api/account/a')).body.state.balance).toBe(5);
  });
});

describe('redaction', () => {
  it('is applied to all domain data that leaves', async () => {
    const seen = new Set<string>();
    const { ask } = await serveBank({
      redact(_value, what) {
        seen.add(what.kind);
        if (what.kind === 'rejection') return { message: 'hidden', details: {} };
        return what.kind === 'command' ? [] : { hidden: what.kind };
      },
    });
    const texts = [
      await ask('POST', '/api/account?state=true', { body: openBody }),
      await ask('POST', '/api/account/a/withdraw', { body: { cents: 77 } }),
      await ask('POST', '/api/account/a/withdraw', { body: { cents: 'mia' } }),
      await ask('GET', '/api/account/a'),
      await ask('GET', '/api/account/a/events'),
      await ask('GET', '/api/views/balances'),
      await ask('GET', '/api/views/balances/a'),
    ].map(({ text }) => text);
    for (const text of texts) expect(text).not.toMatch(/mia|balance":0/);
    expect(seen).toEqual(
      new Set(['state', 'event', 'rejection', 'command', 'metadata', 'document']),
    );
  });

  it('lets nothing leave if it throws', async () => {
    const { ask } = await serveBank({
      redact() {
        throw new Error('mia');
      },
    });
    const created = await ask('POST', '/api/account', { body: openBody });
    expect(created).toMatchObject({ status: 500, body: { code: 'InternalError' } });
    const rejected = await ask('POST', '/api/account', { body: openBody });
    expect(rejected).toMatchObject({ status: 500, body: { code: 'InternalError' } });
    expect(created.text + rejected.text).not.toContain('mia');
  });
});
