import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { expect, it, onTestFinished, vi } from 'vitest';
import { eventually } from '../support/eventually.js';
import { serveBank } from './support/served.js';

/** Some of these fill all that lies between a server and a client that does not read. */
const LARGE = 700_000;
const EVENTS = 40;

async function bank() {
  const { ask, server, troupe } = await serveBank();
  const follow = vi.spyOn(troupe.runtime.inspect, 'follow');
  const open = (id: string) =>
    ask('POST', '/api/account', {
      body: { type: 'open', id, data: { owner: 'x'.repeat(LARGE) } },
    });
  return { server, follow, open };
}

/** Asks for the live log and reads nothing of it yet. */
async function follower(url: string): Promise<IncomingMessage> {
  const outgoing = get(`${url}/inspect/events/live?after=0`);
  outgoing.on('error', () => undefined);
  onTestFinished(() => void outgoing.destroy());
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
  incoming.on('error', () => undefined);
  return incoming;
}

it('a client that does not read its socket is told reset, and hears what comes then', async () => {
  const { server, follow, open } = await bank();
  const incoming = await follower(server.url);
  for (let i = 0; i < EVENTS; i++) expect((await open(`id-${i}`)).status).toBe(201);
  await eventually(() =>
    expect(follow).toHaveBeenCalledWith(expect.objectContaining({ from: 'now' })),
  );
  const heard: string[] = [];
  let text = '';
  incoming.setEncoding('utf8').on('data', (part: string) => {
    text += part;
    const lines = text.split('\n');
    text = lines.pop() ?? '';
    heard.push(...lines.filter((line) => /^(event: |id: )/.test(line)));
  });
  await eventually(() => expect(heard).toContain('event: reset'));
  expect(heard.filter((line) => line === 'event: event').length).toBeLessThan(EVENTS);
  await open('after');
  await eventually(() => expect(heard).toContain(`id: ${EVENTS + 1}`));
}, 30_000);

it('a client that vanishes in the middle is followed for no more', async () => {
  const { server, follow, open } = await bank();
  const incoming = await follower(server.url);
  for (let i = 0; i < 5; i++) await open(`id-${i}`);
  const [{ signal } = {}] = follow.mock.calls[0] ?? [];
  expect(signal?.aborted).toBe(false);
  incoming.socket.resetAndDestroy();
  await eventually(() => expect(signal?.aborted).toBe(true));
});
