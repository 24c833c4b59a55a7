import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FrontDoor } from '../../../../examples/loans/serving/front-door.js';

async function listen(port = 0): Promise<FrontDoor> {
  const door = await FrontDoor.listen(port);
  onTestFinished(() => door.close());
  return door;
}

const asPage = { headers: { accept: 'text/html' } };
const portOf = ({ url }: FrontDoor) => Number(new URL(url).port);

describe('the front door', () => {
  it('says what is being done, as long as it is, to people and to programs', async () => {
    const door = await listen();
    let done = (): void => undefined;
    const work = new Promise<void>((resolve) => {
      done = resolve;
    });
    const doing = door.while('Bread <is> baked', work);
    const page = await fetch(door.url, asPage);
    expect([page.status, page.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await page.text()).toContain('<li>Bread &lt;is> baked</li>');
    const answer = await fetch(`${door.url}/inspect/shards`);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(await answer.json()).toMatchObject({ status: 503, detail: 'Bread <is> baked' });
    done();
    await doing;
    expect(await (await fetch(door.url, asPage)).text()).not.toContain('<li>');
  });

  it('hands requests on once there is somebody behind it', async () => {
    const door = await listen();
    const nodeListener = (incoming: IncomingMessage, outgoing: ServerResponse) =>
      void outgoing.end(`seen ${incoming.url}`);
    door.open({ nodeListener, endLive: () => undefined });
    expect(await (await fetch(`${door.url}/x`, asPage)).text()).toBe('seen /x');
  });

  it('takes the next free port where one is taken', async () => {
    const first = await listen();
    const second = await listen(portOf(first));
    expect(portOf(second)).toBeGreaterThan(portOf(first));
    expect((await fetch(second.url)).status).toBe(503);
  });

  it('cuts what does not end when it is closed', async () => {
    const door = await listen();
    let isTold = false;
    door.open({
      nodeListener: (_incoming, outgoing) => void outgoing.write('for ever'),
      endLive() {
        isTold = true;
      },
    });
    const { url } = door;
    const { body } = await fetch(url);
    const reading = new Response(body).text();
    await door.close();
    expect(isTold).toBe(true);
    await expect(reading).rejects.toThrow();
    await expect(fetch(url)).rejects.toThrow();
  });
});
