import { given } from 'troupe/testing';
import { describe, expect, it } from 'vitest';
import * as domain from '../../../examples/origins/todolist/readers.js';
import { asker, serve } from '../../http/support/served.js';
import { call, connect } from '../../mcp/support/mcp-client.js';
import { databaseUrl, freshSchema } from '../../support/postgres.js';
import { Program } from '../program.js';
import { startOn } from './start.js';

const { list } = domain;
const created = { type: 'created', data: { title: 'food' } } as const;
const added = { type: 'added', data: { item: '1', text: 'buy bread' } } as const;
const finish = (item: string) => ({ type: 'finish', data: { item } }) as const;

describe('the todo list of cqrs-rust-lib', () => {
  it('handle_create and handle_update: a list is made, filled and finished', async () => {
    await given(list, [created])
      .when({ type: 'add', data: { text: 'buy bread' } })
      .thenEvents([added]);
    await given(list, [created, added]).when(finish('1')).thenEvents([finished]);
    await given(list, [created, added]).when(finish('2')).thenRejected('NO_SUCH_ITEM');
    await given(list, [created, added, finished]).when(finish('1')).thenRejected('ALREADY_DONE');
  });
});

const finished = { type: 'finished', data: { item: '1' } } as const;

describe('the todo list of cqrs-rust-lib, over REST', () => {
  it('CQRSWriteRouter: 201 and where it is, 409 and 404 as declared, a route per command', async () => {
    const { ask } = await serve(await startOn(domain));
    const made = await ask('POST', '/api/list', {
      body: { type: 'create', data: { title: 'food' } },
    });
    expect(made.status).toBe(201);
    const path = made.headers.location as string;
    expect((await ask('POST', `${path}/add`, { body: { text: 'buy bread' } })).status).toBe(200);
    expect((await ask('POST', `${path}/finish`, { body: { item: '1' } })).status).toBe(200);
    const again = await ask('POST', `${path}/finish`, { body: { item: '1' } });
    expect(again.body).toMatchObject({
      ...{ status: 409, code: 'LIST_ALREADY_DONE', internalCode: 20_002, domain: 'LIST' },
    });
    const missing = await ask('POST', `${path}/finish`, { body: { item: '9' } });
    expect(missing.body).toMatchObject({ status: 404, details: { item: '9' } });
  });

  it('CQRSReadRouter and CQRSCodexReadRouter: one by its id, many by filters, sorted and paged', async () => {
    const { ask } = await serve(await startOn(domain));
    for (const [id, items] of [
      ['a', 2],
      ['b', 0],
      ['c', 1],
    ] as const) {
      await ask('POST', '/api/list', {
        body: { type: 'create', id, data: { title: `list ${id}` } },
      });
      for (let i = 0; i < items; i++)
        await ask('POST', `/api/list/${id}/add?waitFor=overview`, { body: { text: 'x' } });
    }
    const { body } = await ask('GET', '/api/views/overview?open.gt=0&sort=-open&limit=1');
    expect(body.items).toEqual([{ key: 'a', document: { title: 'list a', open: 2 } }]);
    const next = await ask('GET', `/api/views/overview?open.gt=0&sort=-open&after=${body.next}`);
    expect(next.body.items.map(({ key }: { key: string }) => key)).toEqual(['c']);
    expect((await ask('GET', '/api/list/a')).body.state.title).toBe('list a');
  });

  it('CQRSAuditLogRouter: who did what, with payloads', async () => {
    const { ask } = await serve(await startOn(domain), { authorize: () => 'mia' });
    await ask('POST', '/api/list', { body: { type: 'create', id: 'a', data: { title: 'food' } } });
    const { body } = await ask('GET', '/api/list/a/events');
    expect(body.items).toMatchObject([{ ...created, version: 1, metadata: { principal: 'mia' } }]);
  });

  it('snapshots: a list is read from its last snapshot and what came after', async () => {
    const schema = freshSchema();
    const before = await startOn(domain, schema);
    const { ask } = await serve(before);
    await ask('POST', '/api/list', { body: { type: 'create', id: 'a', data: { title: 'food' } } });
    for (let i = 0; i < 24; i++) await ask('POST', '/api/list/a/add', { body: { text: 'x' } });
    await before.stop();
    const after = await startOn(domain, schema);
    const { body } = await (await serve(after)).ask('GET', '/api/list/a');
    expect(Object.keys(body.state.items)).toHaveLength(24);
    const { recoveryEvents } = (await after.metrics()).total;
    expect(recoveryEvents.sum).toBeLessThan(10);
  });

  it('runs: npx tsx main.ts, with its API, its page and its snapshots', {
    timeout: 30_000,
  }, async () => {
    const program = new Program('examples/origins/todolist/main.ts', [], {
      databaseUrl: databaseUrl(),
    });
    await program.says('/docs');
    const [, url = ''] = /(http:\S+)\/docs/.exec(program.stdout) ?? [];
    const ask = asker(url);
    expect((await ask('GET', '/docs')).text).toContain('<title>Todo lists</title>');
    const { body } = await ask('GET', '/openapi.json');
    expect(body.paths['/api/list/{id}/add'].post.requestBody.content['application/json']).toEqual({
      schema: { $ref: '#/components/schemas/list.command.add' },
      examples: { add: { value: { text: 'buy bread' } } },
    });
    const title = { type: 'create', data: { title: 'food' } };
    const { headers } = await ask('POST', '/api/list', { body: title });
    const path = headers.location as string;
    for (let i = 1; i <= 12; i++)
      expect((await ask('POST', `${path}/add`, { body: { text: 'x' } })).status).toBe(200);
    const finished = await ask('POST', `${path}/finish?waitFor=overview`, { body: { item: '3' } });
    expect(finished).toMatchObject({ status: 200, headers: { etag: '"14"' } });
    const id = path.split('/').at(-1) as string;
    const shown = await ask('GET', `/api/views/overview/${id}`);
    expect(shown.body.document).toEqual({ title: 'food', open: 11 });
    expect((await ask('GET', path)).body.state.items['3']).toEqual({ text: 'x', done: true });
    await expect
      .poll(async () => (await ask('GET', `/inspect/actors/list/${id}`)).body.snapshot)
      .toMatchObject({ version: 10, eventsSince: 4 });
    program.signal('SIGTERM');
    expect(await program.ended()).toBe(0);
  });

  it('runs: npx tsx with-mcp.ts, for language models, with what it names alone', {
    timeout: 30_000,
  }, async () => {
    const program = new Program('examples/origins/todolist/with-mcp.ts', [], {
      databaseUrl: databaseUrl(),
    });
    await program.says('/mcp');
    const [, url = ''] = /(http:\S+)\/mcp/.exec(program.stdout) ?? [];
    const client = await connect(url);
    const made = await call(client, 'list_create', { data: { title: 'food' } });
    const { id } = made.body;
    const text = { text: 'buy milk' };
    const added = await call(client, 'list_add', { id, data: text, waitFor: ['overview'] });
    expect(added.body).toMatchObject({ version: 2, waited: { overview: 'done' } });
    const missing = await call(client, 'list_finish', { id, data: { item: '9' } });
    expect(missing).toMatchObject({ isError: true, body: { code: 'LIST_NO_SUCH_ITEM' } });
    const found = await call(client, 'get_overview', { key: id });
    expect(found.body.document).toEqual({ title: 'food', open: 1 });
    const body = { type: 'create', data: { title: 'food' } };
    expect((await asker(url)('POST', '/api/list', { body })).body.code).toBe('CommandsOff');
    program.signal('SIGTERM');
    expect(await program.ended()).toBe(0);
  });
});
