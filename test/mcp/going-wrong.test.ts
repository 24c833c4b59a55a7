import { defineAggregate, startRuntime, upsert } from 'troupe';
import { testRuntime } from 'troupe/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { eventRow } from '../contract/batches.js';
import { account } from '../support/account.js';
import { databaseUrl, freshSchema } from '../support/postgres.js';
import { insertEvent, useShards } from '../support/use-shards.js';
import { call, connect, mcpOf } from './support/mcp-client.js';

const shards = useShards();

const receipt = defineAggregate({
  name: 'receipt',
  commands: { open: upsert(z.object({})) },
  events: { opened: z.object({}) },
  initialState: {},
  decide: { open: (_state, data, { event }) => [event.opened(data)] },
  evolve: { opened() {} },
});

describe('a command that goes wrong', () => {
  it('is refused or failed with the code that HTTP gives', async () => {
    const troupe = await testRuntime({ domain: [account] });
    onTestFinished(() => troupe.stop());
    const allowed = { commands: ['account.grant', 'account.crash'], streams: ['account'] };
    const { url } = await mcpOf(troupe.runtime, allowed);
    const client = await connect(url);
    await call(client, 'account_grant', { id: 'a', data: { cents: 4711 } });
    const failed = await call(client, 'account_crash', { id: 'a', data: {} });
    expect(failed).toMatchObject({ isError: true, body: { status: 500, code: 'CommandFailed' } });
    expect(JSON.stringify(failed.body)).not.toContain('4711');
    await troupe.runtime.stop();
    const stopping = await call(client, 'account_grant', { id: 'a', data: { cents: 1 } });
    expect(stopping).toMatchObject({ isError: true, body: { status: 503, code: 'Stopping' } });
  });

  it('may be unknown, and is resolved by a tool', async () => {
    const schema = freshSchema();
    const runtime = await startRuntime({
      domain: { account },
      store: { kind: 'postgres', url: databaseUrl(), schema, lockTimeoutMs: 30_000 },
      ...{ shards: 0, timeoutMs: 1000, unknownAfterMs: 200 },
    });
    onTestFinished(() => runtime.stop({ drainMs: 100 }));
    const commands = ['account.grant', 'account.deposit'];
    const { url } = await mcpOf(runtime, { commands });
    const client = await connect(url);
    await call(client, 'account_grant', { id: 'a', data: { cents: 1 } });
    const stranger = await shards.stranger();
    await stranger.query('BEGIN');
    const given = { type: 'withdrawn', data: '{"cents":1}' };
    const row = eventRow({ aggregate: 'account', id: 'a' }, 2, given);
    await insertEvent(stranger, schema, row); // an open transaction holds version 2
    const unknown = await call(client, 'account_deposit', { id: 'a', data: { cents: 5 } });
    expect(unknown).toMatchObject({
      ...{ isError: true, body: { status: 504, code: 'OutcomeUnknown' } },
    });
    const { commandId, resolve, detail } = unknown.body;
    expect(resolve).toBe('command_outcome');
    expect(detail).toContain('ask command_outcome');
    const resolved = call(client, resolve, { commandId });
    await stranger.query('ROLLBACK');
    expect((await resolved).body).toMatchObject({ commandId, outcome: 'accepted', version: 2 });
  });

  it('of another aggregate is not told of', async () => {
    const runtime = await startRuntime({
      domain: { account, receipt },
      store: { kind: 'postgres', url: databaseUrl(), schema: freshSchema() },
      ...{ shards: 0, indexes: { commands: true } },
    });
    onTestFinished(() => runtime.stop());
    const { commandId, position } = await runtime
      .aggregate(receipt)
      .create({ type: 'open', data: {} }, { id: 'x' });
    const own = await runtime.aggregate(account).send('a', { type: 'grant', data: { cents: 1 } });
    await expect.poll(async () => (await runtime.command(own.commandId)).kind).toBe('accepted');
    expect(position).toBeLessThan(own.position);
    const { url } = await mcpOf(runtime, { commands: ['account.grant'] });
    const client = await connect(url);
    const told = await call(client, 'command_outcome', { commandId: own.commandId });
    expect(told.body).toMatchObject({ aggregate: 'account', outcome: 'accepted' });
    const other = await call(client, 'command_outcome', { commandId });
    expect(other).toMatchObject({ isError: true, body: { code: 'UnknownOutcome' } });
  });
});
