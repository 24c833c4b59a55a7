import { request } from 'node:http';
import { Hono } from 'hono';
import { testRuntime } from 'troupe/testing';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { account } from '../../examples/bank/domain.js';
import type { HttpEnv } from '../../src/http/hono-request.js';
import { resolveHttp } from '../../src/http/http-options.js';
import { LIVE_LIMITS } from '../../src/http/live/live-client.js';
import { LiveStreams } from '../../src/http/live/live-streams.js';
import { logStreamRoutes } from '../../src/http/live/log-stream.js';
import { Topic } from '../../src/http/live/topic.js';
import { register } from '../../src/http/register.js';
import { UnknownOutcomes } from '../../src/http/unknown-outcomes.js';
import { eventually } from '../support/eventually.js';
import { type ApiDocument, Conformance, pointerTo } from './support/conforms.js';
import { openBody, serveBank } from './support/served.js';

/** Listens to a live stream over a socket. */
function listen(url: string, path: string, headers: Record<string, string> = {}) {
  // biome-ignore lint/suspicious/noExplicitAny: tests look into it
  const heard: { event: string; id: string | undefined; data: any }[] = [];
  const state = { status: 0, isEnded: false };
  const outgoing = request(`${url}${path}`, { headers }, (incoming) => {
    state.status = incoming.statusCode ?? 0;
    let text = '';
    incoming.setEncoding('utf8');
    incoming.on('error', () => undefined);
    incoming.on('end', () => {
      state.isEnded = true;
    });
    incoming.on('data', (part: string) => {
      text += part;
      const frames = text.split('\n\n');
      text = frames.pop() ?? '';
      for (const frame of frames) {
        const [, event] = /^event: (.+)$/m.exec(frame) ?? [];
        const [, data] = /^data: (.+)$/m.exec(frame) ?? [];
        const [, id] = /^id: (.+)$/m.exec(frame) ?? [];
        if (event && data) heard.push({ event, id, data: JSON.parse(data) });
      }
    });
  });
  outgoing.on('error', () => undefined);
  outgoing.end();
  onTestFinished(() => void outgoing.destroy());
  return { heard, state };
}

/** The live log alone, for clients whose reading a test holds in its hands. */
async function streamOf(limits: Partial<typeof LIVE_LIMITS>, slowMs: number) {
  const troupe = await testRuntime({ domain: [account] });
  onTestFinished(() => troupe.stop());
  const live = new LiveStreams({ ...LIVE_LIMITS, ...limits });
  const options = resolveHttp({ authorize: () => 'mia' });
  const setup = { runtime: troupe.runtime, options, unknown: new UnknownOutcomes(), live };
  const app = new Hono<HttpEnv>();
  register(app, setup, logStreamRoutes(setup, slowMs));
  const accounts = troupe.aggregate(account);
  await accounts.create({ type: 'open', data: { owner: 'x'.repeat(20_000) } }, { id: 'a' });
  const deposit = () => accounts.send('a', { type: 'deposit', data: { cents: 1 } });
  return { app, live, deposit, troupe };
}

describe('the live log', () => {
  it('tells events as they come, and goes on where a client was', async () => {
    const { ask, server } = await serveBank();
    await ask('POST', '/api/account', { body: openBody });
    const all = listen(server.url, '/inspect/events/live?after=0');
    await eventually(() => expect(all.heard).toMatchObject([{ event: 'event', id: '1' }]));
    await ask('POST', '/api/account/a/deposit', { body: { cents: 1 } });
    await ask('POST', '/api/account/a/deposit', { body: { cents: 2 } });
    await eventually(() => expect(all.heard.map(({ id }) => id)).toEqual(['1', '2', '3']));
    const again = listen(server.url, '/inspect/events/live', { 'last-event-id': '2' });
    await eventually(() => expect(again.heard).toMatchObject([{ id: '3', data: { version: 3 } }]));
    const some = listen(server.url, '/inspect/events/live?after=0&type=opened');
    await eventually(() => expect(some.heard).toHaveLength(1));
    const wrong = { 'last-event-id': 'x' };
    expect((await ask('GET', '/inspect/events/live', { headers: wrong })).status).toBe(400);
  });

  it('ends with its server, and asks for authorisation as all else', async () => {
    const { server, ask } = await serveBank({ token: 'a-token-of-some-length' });
    expect((await ask('GET', '/inspect/events/live')).status).toBe(401);
    expect((await ask('GET', '/inspect/live')).status).toBe(401);
    const headers = { authorization: 'Bearer a-token-of-some-length' };
    const client = listen(server.url, '/inspect/events/live', headers);
    await eventually(() => expect(client.state.status).toBe(200));
    await server.close({ drainMs: 60_000 });
    await eventually(() => expect(client.state.isEnded).toBe(true));
  });

  it('tells a slow client reset, and keeps no more than its bound for it', async () => {
    const { app, live, deposit, troupe } = await streamOf({ maxFrames: 2 }, 50);
    const follow = vi.spyOn(troupe.runtime.inspect, 'follow');
    const response = await app.request('/inspect/events/live?after=0');
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    for (let i = 0; i < 10; i++) await deposit();
    await eventually(() =>
      expect(follow).toHaveBeenCalledWith(expect.objectContaining({ from: 'now' })),
    );
    const decoder = new TextDecoder();
    let text = '';
    while (!text.includes('event: reset')) text += decoder.decode((await reader.read()).value);
    expect(text).toContain('"reason":"slow"');
    expect(text.match(/event: event/g)?.length).toBeLessThan(10);
    await deposit();
    while (!text.includes('"version":12')) text += decoder.decode((await reader.read()).value);
    await reader.cancel();
    await eventually(() => expect(live.size).toBe(0));
  });

  it('lets a client go that has vanished, and reads the log for it no more', async () => {
    const { app, live, troupe } = await streamOf({}, 50);
    const response = await app.request('/inspect/events/live');
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    await reader.read();
    expect(live.size).toBe(1);
    await reader.cancel();
    await eventually(() => expect(live.size).toBe(0));
    const gone = new AbortController();
    const events = troupe.runtime.inspect.follow({ type: 'nothing', signal: gone.signal });
    const next = events.next();
    gone.abort();
    expect(await next).toEqual({ done: true, value: undefined });
  });

  it('drops a client that takes nothing at all, and keeps silent ones open', async () => {
    const { app, live } = await streamOf({ heartbeatMs: 20, dropAfterMs: 40 }, 60_000);
    const stuck = await app.request('/inspect/events/live?after=0');
    expect(stuck.status).toBe(200);
    await eventually(() => expect(live.size).toBe(0));
    const silent = await app.request('/inspect/events/live');
    const reader = (silent.body as ReadableStream<Uint8Array>).getReader();
    const decoder = new TextDecoder();
    let text = '';
    while (!text.includes(': still here')) text += decoder.decode((await reader.read()).value);
    await reader.cancel();
  });
});

describe('what is told live', () => {
  it('is as the document says', async () => {
    const { ask, server } = await serveBank();
    await ask('POST', '/api/account', { body: openBody });
    const { body } = await ask('GET', '/openapi.json');
    const conformance = new Conformance(body as ApiDocument);
    for (const path of ['/inspect/events/live', '/inspect/live']) {
      const { heard } = listen(server.url, path === '/inspect/live' ? path : `${path}?after=0`);
      await eventually(() => expect(heard.length).toBeGreaterThan(0));
      const at = ['paths', path, 'get', 'responses', '200', 'content', 'text/event-stream'];
      const errors = (frame: object) => conformance.errors(pointerTo([...at, 'schema']), frame);
      for (const { event, id, data } of heard)
        expect([event, errors({ event, data, ...(id !== undefined && { id }) })]).toEqual([
          event,
          undefined,
        ]);
      expect(errors({ event: 'shard', data: {} })).toBeDefined();
    }
  });
});

describe('changes', () => {
  it('of shards are told, at first all of them', async () => {
    const { ask, server } = await serveBank();
    const client = listen(server.url, '/inspect/live?topic=shard');
    await eventually(() => expect(client.heard).toMatchObject([{ event: 'shard' }]));
    await ask('POST', '/api/account', { body: openBody });
    await eventually(() => expect(client.heard.at(-1)?.data.actors).toBe(1));
    expect((await ask('GET', '/inspect/live?topic=nothing')).status).toBe(400);
  });

  it('are looked for once for all, and only while somebody listens', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    let value = 0;
    const look = vi.fn(async () => new Map([['one', { value: value++ }]]));
    const topic = new Topic('thing', 1000, look);
    const [first, second] = [vi.fn(), vi.fn()];
    const leave = [topic.join({ changed: first }), topic.join({ changed: second })];
    await vi.advanceTimersByTimeAsync(2500);
    expect(look).toHaveBeenCalledTimes(3);
    expect(first.mock.calls).toEqual([0, 1, 2].map((n) => ['thing', 'one', { value: n }]));
    expect(second.mock.calls).toEqual(first.mock.calls);
    for (const end of leave) end();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(look).toHaveBeenCalledTimes(3);
  });
});
