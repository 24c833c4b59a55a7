import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { isPassing } from '../../src/embedded/start.js';
import { useScene } from './scene.js';

describe('the port', { timeout: 120_000 }, () => {
  const scene = useScene();

  test('may be given, and then stays the same from one start to the next', async () => {
    const { port, stop } = await scene().open();
    await stop();

    const again = await scene().open({ port });
    expect(again.port).toBe(port);
  });

  test('that was asked for is not replaced by another one if it is taken', async () => {
    const other = createServer();
    const port = await new Promise<number>((resolve) => {
      other.listen(0, '127.0.0.1', () => resolve((other.address() as { port: number }).port));
    });
    try {
      const opening = scene().open({ port });
      await expect(opening).rejects.toMatchObject({ code: 'EmbeddedStartFailed' });
      await expect(opening).rejects.toThrow(`port ${port}`);
    } finally {
      other.close();
    }
  });
});

test('a start is tried again for reasons that pass, and only for those', () => {
  const bind = 'LOG:  could not bind IPv4 address "127.0.0.1": Address already in use';
  const shared = 'FATAL:  pre-existing shared memory block (key 1, ID 2) is still in use';

  expect(isPassing(shared, 5432)).toBe(true);
  expect(isPassing('FATAL:  lock file "postmaster.pid" already exists', 5432)).toBe(true);
  expect(isPassing(bind)).toBe(true);
  expect(isPassing(bind, 5432)).toBe(false);
  expect(isPassing('PANIC:  could not locate a valid checkpoint record')).toBe(false);
});
