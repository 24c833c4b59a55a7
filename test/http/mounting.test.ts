import { getRequestListener } from '@hono/node-server';
import express from 'express';
import Fastify from 'fastify';
import { Hono } from 'hono';
import { createHttp } from 'troupe/http';
import { testRuntime } from 'troupe/testing';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { account } from '../../examples/bank/domain.js';
import { buildWebIfStale } from '../../scripts/build-web.js';
import { type Ask, asker, listening, openBody } from './support/served.js';

beforeAll(() => buildWebIfStale(), 120_000);

async function bank() {
  const troupe = await testRuntime({ domain: [account] });
  onTestFinished(() => troupe.stop());
  return troupe.runtime;
}

/** All that depends on where it is mounted, and on who has read the body before. */
async function expectMounted(ask: Ask, base: string): Promise<void> {
  const created = await ask('POST', `${base}/api/account`, { body: { ...openBody, id: 'a/b' } });
  expect(created).toMatchObject({
    ...{ status: 201, headers: { location: `${base}/api/account/a%2Fb` } },
  });
  const sent = await ask('POST', `${base}/api/account/a%2Fb/deposit`, { body: { cents: 5 } });
  expect(sent).toMatchObject({ status: 200, body: { id: 'a/b', version: 2 } });
  const bad = await ask('POST', `${base}/api/account/a%2Fb/deposit`, { body: { cents: 'x' } });
  expect(bad).toMatchObject({ status: 422, body: { code: 'InvalidCommand' } });
  const read = await ask('GET', `${base}/api/account/a%2Fb?x=1`);
  expect(read).toMatchObject({ status: 200, headers: { etag: '"2"' } });
  const { body } = await ask('GET', `${base}/openapi.json`);
  expect(body.servers).toEqual([{ url: base === '' ? '/' : base }]);
  const page = await ask('GET', `${base}/docs`);
  expect(page.text).toContain(`src="${base}/docs/start.js"`);
  expect((await ask('GET', `${base}/docs/swagger-ui-bundle.js`)).status).toBe(200);
  expect(await ask('GET', `${base}/nothing`)).toMatchObject({ status: 404 });
  await expectDashboard(ask, base);
}

/** With a slash at the end and without, it links to files that are there. */
async function expectDashboard(ask: Ask, base: string): Promise<void> {
  for (const path of [base === '' ? '/' : base, `${base}/`, `${base}/?x=1`]) {
    const { status, text } = await ask('GET', path);
    expect([path, status]).toEqual([path, 200]);
    const links = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(
      ([, link = '']) => new URL(link, `http://localhost${path}`).pathname,
    );
    expect(links).toHaveLength(3);
    for (const link of links) {
      expect(link.startsWith(`${base}/dashboard/`)).toBe(true);
      expect((await ask('GET', link)).status).toBe(200);
    }
  }
}

describe('mounted', () => {
  it('in node:http, at the root and under a path', async () => {
    const root = await listening(createHttp(await bank(), { commands: true }).nodeListener);
    await expectMounted(asker(root), '');
    const options = { commands: true, basePath: '/troupe/v1' };
    const under = await listening(createHttp(await bank(), options).nodeListener);
    await expectMounted(asker(under), '/troupe/v1');
  });

  it.each([
    ['before', false],
    ['after', true],
  ])('in Express, %s express.json() (H51)', async (_, parsed) => {
    const app = express();
    if (parsed) app.use(express.json());
    app.use('/admin/troupe', createHttp(await bank(), { commands: true }).nodeListener);
    if (!parsed) app.use(express.json());
    await expectMounted(asker(await listening(app)), '/admin/troupe');
  });

  it('in Express after bodies were read as text or as bytes', async () => {
    for (const parser of [express.text({ type: '*/*' }), express.raw({ type: '*/*' })]) {
      const app = express();
      app.use(parser);
      app.use('/t', createHttp(await bank(), { commands: true }).nodeListener);
      await expectMounted(asker(await listening(app)), '/t');
    }
  });

  it('in Fastify, with the bodies that it has parsed', async () => {
    const fastify = Fastify();
    const { nodeListener } = createHttp(await bank(), { commands: true, basePath: '/troupe' });
    for (const path of ['/troupe', '/troupe/*'])
      fastify.all(path, (request, reply) => {
        reply.hijack();
        nodeListener(Object.assign(request.raw, { body: request.body }), reply.raw);
      });
    onTestFinished(() => fastify.close());
    await fastify.listen({ port: 0, host: '127.0.0.1' });
    const { port } = fastify.server.address() as { port: number };
    await expectMounted(asker(`http://127.0.0.1:${port}`), '/troupe');
  });

  it.each(['route', 'mount'] as const)('in hono by %s', async (how) => {
    const outer = new Hono();
    const seen: number[] = [];
    outer.use(async (context, next) => {
      await next();
      seen.push(context.res.status);
    });
    const { app } = createHttp(await bank(), { commands: true });
    if (how === 'route') outer.route('/sub/troupe', app as unknown as Hono);
    else
      outer.mount('/sub/troupe', (request, env) => app.fetch(request, env as object), {
        optionHandler: (context) => context.env as never,
      });
    const listener = getRequestListener((request, env) => outer.fetch(request, env), {
      overrideGlobalObjects: false,
    });
    await expectMounted(asker(await listening(listener)), '/sub/troupe');
    // Middleware outside of it sees true answers.
    expect(seen.slice(0, 3)).toEqual([201, 200, 422]);
  });

  it('leaves the globals of the process as they are', async () => {
    const before = [globalThis.Request, globalThis.Response];
    createHttp(await bank());
    expect([globalThis.Request, globalThis.Response]).toEqual(before);
  });

  it('refuses aggregates that are called as a route is', async () => {
    const troupe = await testRuntime({
      domain: [{ ...account, name: 'views', storedAs: 'views' }],
    });
    onTestFinished(() => troupe.stop());
    expect(() => createHttp(troupe.runtime)).toThrow('cannot be named views');
  });

  it.each([
    [{ command: true }, 'one of commands'],
    [{ token: 'short' }, '16 characters or more'],
    [{ token: 'x'.repeat(16), authorize: () => 'x' }, 'none beside authorize'],
    [{ basePath: 'x' }, 'a path, as /troupe'],
    [{ maxBodyBytes: 0 }, '1 to 67108864'],
  ])('refuses options %j', async (options, expected) => {
    const runtime = await bank();
    expect(() => createHttp(runtime, options as object)).toThrow(expected);
  });
});
