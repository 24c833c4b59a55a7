import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { Hono } from 'hono';
import { testRuntime } from 'troupe/testing';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { account } from '../../examples/bank/domain.js';
import { buildWebIfStale } from '../../scripts/build-web.js';
import type { HttpEnv } from '../../src/http/call.js';
import { DashboardFiles } from '../../src/http/dashboard/built-files.js';
import { dashboardRoutes } from '../../src/http/dashboard/dashboard-routes.js';
import { resolveHttp } from '../../src/http/http-options.js';
import { LiveStreams } from '../../src/http/live/live-streams.js';
import { register } from '../../src/http/routes.js';
import { UnknownOutcomes } from '../../src/http/unknown-outcomes.js';
import { type Ask, serve, serveBank } from './support/served.js';

const token = 'a-token-of-some-length';

// What is served is what vite makes of web.
beforeAll(() => buildWebIfStale(), 120_000);

/** Files that the page links to, by how their names end. */
async function linked(ask: Ask): Promise<(ending: string) => string> {
  const { text } = await ask('GET', '/');
  const paths = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(
    ([, path = '']) => new URL(path, 'http://localhost/').pathname,
  );
  return (ending) => paths.find((path) => path.endsWith(ending)) ?? '';
}

describe('the dashboard', () => {
  it('is a page without script or style of its own, which lets nothing in from elsewhere', async () => {
    const { ask } = await serveBank();
    const { status, headers, text } = await ask('GET', '/');
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
    });
    const policy = String(headers['content-security-policy']).split('; ');
    expect(policy).toContain("default-src 'none'");
    for (const what of ['script', 'style', 'connect', 'img'])
      expect(policy).toContain(`${what}-src 'self'`);
    for (const what of ['base-uri', 'form-action', 'frame-ancestors'])
      expect(policy).toContain(`${what} 'none'`);
    expect(policy).toContain("require-trusted-types-for 'script'");
    expect(policy.join()).not.toContain('unsafe');
    expect(text).not.toMatch(/<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)/);
    expect(text).not.toMatch(/https?:|"\/\//);
  });

  it('links to files that may be kept for ever, compressed for who takes that', async () => {
    const { ask } = await serveBank();
    const named = await linked(ask);
    for (const [ending, type] of [
      ['.js', 'text/javascript; charset=utf-8'],
      ['.css', 'text/css; charset=utf-8'],
      ['.svg', 'image/svg+xml'],
    ] as const) {
      const { status, headers, text } = await ask('GET', named(ending));
      expect(status).toBe(200);
      expect(named(ending)).toMatch(/^\/dashboard\/[\w-]+-[\w-]{8}\.\w+$/);
      expect(headers).toMatchObject({ 'content-type': type, vary: 'accept-encoding' });
      expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['content-encoding']).toBeUndefined();
      expect(text).not.toMatch(/(src|href|url)\s*[=(]\s*["']?(https?:)?\/\//);
    }
    const { app } = (await serveBank()).server;
    const style = { headers: { host: 'localhost', 'accept-encoding': 'br, gzip' } };
    const packed = await app.request(named('.css'), style);
    expect(packed.headers.get('content-encoding')).toBe('gzip');
    const whole = await ask('GET', named('.css'));
    expect(gunzipSync(await packed.arrayBuffer()).toString()).toBe(whole.text);
  });

  it.each([
    '/dashboard/',
    '/dashboard/index.html',
    '/dashboard/../index.html',
    '/dashboard/..%2findex.html',
    '/dashboard/%2e%2e%2f%2e%2e%2fpackage.json',
    '/dashboard/..%5c..%5cpackage.json',
    '/dashboard/..;/package.json',
    '/dashboard/%00',
    '/dashboard//etc/passwd',
    '/dashboard/%2fetc%2fpasswd',
    '/dashboard/constructor',
    '/index.html',
    '//',
  ])('leads nowhere else: %s', async (path) => {
    const { ask } = await serveBank();
    expect(await ask('GET', path)).toMatchObject({ status: 404, body: { code: 'UnknownRoute' } });
  });

  it('is for everybody, and nothing of the runtime is', async () => {
    const asked: string[] = [];
    const { ask } = await serveBank({
      authorize(_, { route }) {
        asked.push(route);
        return undefined;
      },
    });
    const named = await linked(ask);
    expect((await ask('GET', '/')).status).toBe(200);
    expect((await ask('GET', named('.js'))).status).toBe(200);
    expect(asked).toEqual([]);
    expect((await ask('GET', '/inspect/shards')).status).toBe(401);
    expect(asked).toEqual(['GET /inspect/shards']);
    const locked = await serveBank({ token });
    expect((await locked.ask('GET', '/')).status).toBe(200);
    for (const path of ['/inspect/shards', '/inspect/live', '/openapi.json', '/inspect/actors'])
      expect((await locked.ask('GET', path)).status).toBe(401);
  });

  it('can be switched off', async () => {
    const { ask } = await serveBank({ dashboard: false });
    const on = await linked((await serveBank()).ask);
    for (const path of ['/', on('.js'), on('.css')])
      expect((await ask('GET', path)).status).toBe(404);
    expect((await ask('GET', '/inspect/shards')).status).toBe(200);
  });

  it('is only looked at', async () => {
    const { ask } = await serveBank();
    const answer = await ask('POST', '/', { body: {} });
    expect(answer).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
    expect(await ask('HEAD', '/')).toMatchObject({ status: 200, text: '' });
  });
});

/** The routes of a dashboard in a folder of its own. */
async function dashboardIn(folder: string): Promise<Hono<HttpEnv>> {
  const troupe = await testRuntime({ domain: [account] });
  onTestFinished(() => troupe.stop());
  const options = resolveHttp({});
  const setup = {
    runtime: troupe.runtime,
    options,
    unknown: new UnknownOutcomes(),
    live: new LiveStreams(),
  };
  const app = new Hono<HttpEnv>();
  register(app, setup, dashboardRoutes(setup, new DashboardFiles(pathToFileURL(`${folder}/`))));
  return app;
}

async function build(folder: string, name: string): Promise<void> {
  await mkdir(join(folder, 'dashboard'), { recursive: true });
  await writeFile(join(folder, 'dashboard', name), `console.log('${name}')`);
  await writeFile(join(folder, 'index.html'), `<script src="./dashboard/${name}"></script>`);
}

describe('the address of the page', () => {
  it('is written into it as text: it ends no attribute', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'troupe-web-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    await build(folder, 'a.js');
    const outer = new Hono<HttpEnv>();
    outer.route('/:any', await dashboardIn(folder));
    const page = await outer.fetch(new Request('http://localhost/x'), {
      incoming: { url: '/"><script>alert(1)</script><a b="', socket: {} },
    } as never);
    const text = await page.text();
    expect(text).toContain('src="./');
    expect(text.match(/<script/g)).toHaveLength(1);
    expect(text.match(/"/g)).toHaveLength(2);
  });
});

describe('a dashboard that is not built', () => {
  it('says so and looks again, until it is there; a later build takes its place', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'troupe-web-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const app = await dashboardIn(folder);
    const waiting = await app.request('/');
    expect(waiting.status).toBe(503);
    expect(waiting.headers.get('retry-after')).toBe('2');
    expect(waiting.headers.get('cache-control')).toBe('no-store');
    expect(waiting.headers.get('content-security-policy')).toContain("default-src 'none'");
    const text = await waiting.text();
    expect(text).toContain('being built');
    expect(text).toContain('<meta http-equiv="refresh" content="2">');
    expect((await app.request('/dashboard/a.js')).status).toBe(404);

    await build(folder, 'a.js');
    expect(await (await app.request('/')).text()).toBe('<script src="./dashboard/a.js"></script>');
    expect(await (await app.request('/dashboard/a.js')).text()).toContain('a.js');

    await rm(join(folder, 'index.html'));
    await build(folder, 'b.js');
    expect(await (await app.request('/')).text()).toContain('./dashboard/b.js');
    expect((await app.request('/dashboard/b.js')).status).toBe(200);
  });
});

describe('what a form for a dry run is made of', () => {
  it('is in the document, also where commands are off', async () => {
    for (const commands of [true, false]) {
      const troupe = await testRuntime({ domain: [account] });
      onTestFinished(() => troupe.stop());
      const { ask } = await serve(troupe.runtime, { commands });
      const { body } = await ask('GET', '/openapi.json');
      const route = body.paths['/inspect/actors/{aggregate}/{id}/dry-run'].post;
      expect(Object.keys(route['x-commands'].account)).toEqual(['open', 'deposit', 'withdraw']);
      const [, name = ''] = /([^/]+)$/.exec(route['x-commands'].account.deposit.$ref) ?? [];
      expect(body.components.schemas[name].required).toEqual(['cents']);
    }
  });
});
