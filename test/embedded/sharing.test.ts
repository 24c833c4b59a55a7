import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { identityOf } from '../../src/embedded/process-identity.js';
import { expectGone, query, useScene } from './scene.js';

describe('processes that name the same folder', { timeout: 120_000 }, () => {
  const scene = useScene();

  test('share one server even if they all start at once', async () => {
    const participants = [1, 2, 3].map(() => scene().participant());
    const ready = await Promise.all(participants.map((one) => one.ready()));

    expect(new Set(ready.map(({ url }) => url)).size).toBe(1);
    expect(new Set(ready.map(({ pid }) => pid)).size).toBe(1);
    expect(ready.map(({ reused }) => reused).sort()).toEqual([false, true, true]);
    expect(scene().runningServers()).toEqual([ready[0]!.pid]);
    for (const one of participants) one.send('stop');
    await Promise.all(participants.map((one) => one.told('stopped')));
    expect(scene().runningServers()).toEqual([]);
  });

  test('keep the server until the last one has stopped using it', async () => {
    const first = scene().participant();
    const { pid, url } = await first.ready();
    const identity = identityOf(pid);
    const second = await scene().open();
    expect(second.reused).toBe(true);

    first.send('stop');
    await first.told('stopped');
    expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);

    await second.stop();
    expect(identityOf(pid)).not.toBe(identity);
  });

  test('do not wait for one that was killed', async () => {
    const killed = scene().participant();
    await killed.ready();
    const other = await scene().open();
    const identity = identityOf(other.pid);
    await killed.kill();

    await other.stop();
    await expectGone(identity);
  });

  test('count twice if one process uses it twice', async () => {
    const [first, second] = await Promise.all([scene().open(), scene().open()]);
    expect(first.pid).toBe(second.pid);

    await first.stop();
    expect(await query(second.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await Promise.all([second.stop(), second.stop()]);
    expect(scene().runningServers()).toEqual([]);
  });

  test('are told when they share a server that has other settings', async () => {
    const first = await scene().open({ settings: { work_mem: '5MB' } });
    const second = await scene().open({ settings: { work_mem: '6MB' } });

    expect(second.pid).toBe(first.pid);
    expect(scene().notices).toEqual([expect.stringContaining('keeps its port')]);
  });

  test.each(['exit', 'finish', 'throw'] as const)(
    'stop the server when the last one ends by "%s" without having stopped it',
    async (command) => {
      const forgetful = scene().participant();
      const { pid } = await forgetful.ready();
      const identity = identityOf(pid);

      forgetful.send(command);
      await forgetful.end();
      await expectGone(identity);
      expect(existsSync(scene().path('.troupe/data/postmaster.pid'))).toBe(false);
    },
  );

  test('leave the server to the others when one ends without having stopped it', async () => {
    const forgetful = scene().participant();
    const { url } = await forgetful.ready();
    const other = await scene().open();

    forgetful.send('exit');
    await forgetful.end();
    expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await other.stop();
    expect(scene().runningServers()).toEqual([]);
  });

  test('get a new server if they come while the old one is told to stop', async () => {
    const first = scene().participant();
    const { pid } = await first.ready();
    process.kill(pid, 'SIGSTOP'); // it still says that it is ready
    first.send('exit');
    await first.end();

    const opening = scene().open();
    await new Promise((resolve) => setImmediate(resolve)); // it has read that, and asks for an answer
    process.kill(pid, 'SIGCONT');
    const second = await opening;
    expect(second.reused).toBe(false);
    expect(await query(second.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  test.each([
    ['as it begins', 'lock/1'],
    ['when its data is made', 'data'],
    ['while its server starts', 'data/postmaster.pid'],
  ])('leave nothing when one exits %s', async (_, file) => {
    const hasty = scene().participant({}, { exitAt: scene().path('.troupe', file) });
    await hasty.end();

    const next = await scene().open();
    expect(next.reused).toBe(false);
    expect(await query(next.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });
});
