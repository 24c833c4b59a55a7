import { startRuntime } from 'troupe';
import { unavailable } from 'troupe/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { eventRow } from '../contract/batches.js';
import { account } from '../support/account.js';
import { databaseUrl, freshSchema } from '../support/postgres.js';
import { insertEvent, useShards } from '../support/use-shards.js';
import { openBody, serve, serveBank } from './support/served.js';

const shards = useShards();

describe('a problem', () => {
  it('is what RFC 9457 says: a rejection, with its own status, code, number and details', async () => {
    const { ask } = await serveBank();
    await ask('POST', '/api/account', { body: openBody });
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const { status, headers, body } = await ask('POST', '/api/account/a/withdraw', {
      ...{ body: { cents: 5 }, headers: { traceparent } },
    });
    expect(status).toBe(409);
    expect(headers['content-type']).toBe('application/problem+json');
    expect(body).toEqual({
      type: 'urn:troupe:problem:ACCOUNT_OVERDRAWN',
      title: 'Conflict',
      status: 409,
      detail: 'There is not that much in the account',
      code: 'ACCOUNT_OVERDRAWN',
      domain: 'ACCOUNT',
      internalCode: 1001,
      details: { balance: 0 },
      traceId: '0af7651916cd43dd8448eb211c80319c',
    });
  });

  it.each([
    ['/api/account/a/deposit', { cents: 'x' }, '/cents'],
    ['/api/account/a/deposit', [], ''],
    ['/api/account', { type: 'open', data: { owner: 7 } }, '/data/owner'],
    ['/api/account', { data: {} }, '/type'],
    ['/api/account', { type: 'open', data: {}, id: 7 }, '/id'],
    ['/api/account', { type: 'open', data: {}, ids: 'a' }, '/ids'],
  ])('says where a body is wrong: %s %j', async (path, body, pointer) => {
    const { ask } = await serveBank();
    const answer = await ask('POST', path, { body });
    expect(answer).toMatchObject({ status: 422, body: { code: 'InvalidCommand' } });
    expect(answer.body.errors).toEqual([{ pointer, message: expect.any(String) }]);
  });

  it.each([
    ['GET', '/api/nothing/a', 404, 'UnknownAggregate'],
    ['POST', '/api/account/a/nothing', 404, 'UnknownCommand'],
    ['POST', '/api/account/nobody/deposit', 404, 'ACCOUNT_NOT_FOUND'],
    ['GET', '/api/account/nobody', 404, 'ACCOUNT_NOT_FOUND'],
    ['GET', '/api/account/nobody/events', 404, 'ACCOUNT_NOT_FOUND'],
    ['GET', '/api/views/nothing', 404, 'UnknownView'],
    ['GET', '/api/views/balances/nobody', 404, 'NoDocument'],
    ['GET', '/api/commands/nothing', 404, 'UnknownOutcome'],
    ['GET', '/api', 404, 'UnknownRoute'],
    ['GET', '/api/account/', 404, 'UnknownRoute'],
    ['DELETE', '/api/account/a', 405, 'MethodNotAllowed'],
    ['GET', '/api/account/%E4', 400, 'InvalidPath'],
    ['GET', '/api/account/%00', 400, 'InvalidId'],
    ['GET', `/api/account/${'x'.repeat(600)}`, 400, 'InvalidId'],
    ['GET', '/api/account/a/events?limit=0', 400, 'InvalidQuery'],
  ])('%s %s is answered %i %s', async (method, path, status, code) => {
    const { ask } = await serveBank();
    const body = method === 'POST' ? { body: { cents: 1 } } : {};
    const answer = await ask(method, path, body);
    expect(answer).toMatchObject({ status, body: { status, code, traceId: expect.any(String) } });
  });

  it('of a bug in the domain tells nothing of it, but to the log', async () => {
    const logged: { fields: object; message: string }[] = [];
    const log = (fields: object, message: string) => void logged.push({ fields, message });
    const logger = { info: log, warn: log, error: log };
    const { ask } = await serveBank({ logger }, { domain: [account] });
    await ask('POST', '/api/account/a/grant', { body: { cents: 4711 } });
    const answer = await ask('POST', '/api/account/a/crash', { body: {} });
    expect(answer).toMatchObject({ status: 500, body: { code: 'CommandFailed' } });
    expect(answer.text).not.toMatch(/4711|RangeError/);
    expect(logged).toMatchObject([
      {
        fields: {
          traceId: answer.body.traceId,
          err: { code: 'CommandFailed', cause: { message: 'a bug met a balance of 4711' } },
        },
      },
    ]);
  });
});

describe('a runtime that cannot take a command', () => {
  it('is overloaded: 429, and when to try again', async () => {
    const { ask, troupe } = await serveBank({}, { maxInFlight: 1 });
    await ask('POST', '/api/account', { body: openBody });
    let release: (() => void) | undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    troupe.faults.next('append', async (call) => {
      await held;
      return call.go();
    });
    const first = ask('POST', '/api/account/a/deposit', { body: { cents: 1 } });
    await expect.poll(() => troupe.runtime.inFlight[0]).toBe(1);
    const refused = await ask('POST', '/api/account/a/deposit', { body: { cents: 1 } });
    expect(refused).toMatchObject({ status: 429, body: { code: 'Overloaded' } });
    expect(refused.headers['retry-after']).toBe('1');
    release?.();
    expect((await first).status).toBe(200);
  });

  it('cannot reach its database: 503', async () => {
    const { ask, troupe } = await serveBank();
    troupe.faults.next('readAll', unavailable);
    const answer = await ask('GET', '/api/views/balances');
    expect(answer).toMatchObject({ status: 503, body: { code: 'StoreUnavailable' } });
    expect(answer.headers['retry-after']).toBe('1');
  });

  it('is shutting down: 503, as is whether it is ready, while it lives', async () => {
    const { ask, troupe } = await serveBank();
    expect((await ask('GET', '/health/ready')).status).toBe(200);
    await troupe.runtime.stop();
    const answer = await ask('POST', '/api/account', { body: openBody });
    expect(answer).toMatchObject({ status: 503, body: { code: 'Stopping' } });
    expect(await ask('GET', '/health/ready')).toMatchObject({
      ...{ status: 503, body: { status: 'notReady', role: 'stopped' } },
    });
    expect((await ask('GET', '/health/live')).status).toBe(200);
  });
});

describe('a command whose outcome is unknown', () => {
  it.each([
    ['COMMIT', { outcome: 'notExecuted' }],
    ['ROLLBACK', { outcome: 'accepted', version: 2 }],
  ])('is answered 504, with the URL that resolves it (after a %s)', async (end, expected) => {
    const schema = freshSchema();
    const runtime = await startRuntime({
      domain: { account },
      store: { kind: 'postgres', url: databaseUrl(), schema, lockTimeoutMs: 30_000 },
      ...{ shards: 0, timeoutMs: 1000, unknownAfterMs: 200 },
    });
    onTestFinished(() => runtime.stop({ drainMs: 100 }));
    const { ask } = await serve(runtime);
    await ask('POST', '/api/account/a/grant', { body: { cents: 1 } });
    const stranger = await shards.stranger();
    await stranger.query('BEGIN');
    const given = { type: 'withdrawn', data: '{"cents":1}' };
    const row = eventRow({ aggregate: 'account', id: 'a' }, 2, given);
    await insertEvent(stranger, schema, row); // an open transaction holds version 2
    const unknown = await ask('POST', '/api/account/a/deposit', { body: { cents: 5 } });
    expect(unknown).toMatchObject({ status: 504, body: { code: 'OutcomeUnknown' } });
    const { commandId, resolve } = unknown.body;
    expect(resolve).toBe(`/api/commands/${commandId}`);
    const resolved = ask('GET', resolve);
    await stranger.query(end);
    expect(await resolved).toMatchObject({
      ...{ status: 200, body: { commandId, aggregate: 'account', id: 'a', ...expected } },
    });
  });
});
