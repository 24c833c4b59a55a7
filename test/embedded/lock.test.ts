import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { beforeEach, describe, expect, test } from 'vitest';
import { lockHolder, tryLock, withLock } from '../../src/embedded/lock.js';
import { ownIdentity } from '../../src/embedded/process-identity.js';
import { useScene } from './scene.js';

describe('the lock between processes', () => {
  const scene = useScene();
  let folder: string;
  beforeEach(() => {
    folder = scene().path('lock');
  });

  test('is had by one at a time', async () => {
    let inside = 0;
    const seen: number[] = [];
    const visit = () =>
      withLock(folder, async () => {
        inside += 1;
        await new Promise((resolve) => setImmediate(resolve));
        seen.push(inside);
        inside -= 1;
      });
    await Promise.all(Array.from({ length: 30 }, visit));

    expect(seen).toEqual(Array(30).fill(1));
  });

  test('is free again after an action that failed', async () => {
    const failing = withLock(folder, () => Promise.reject(new Error('on purpose')));
    await expect(failing).rejects.toThrow('on purpose');

    expect(tryLock(folder)).toBeDefined();
  });

  test('names its holder', () => {
    const lock = tryLock(folder);
    expect(lockHolder(folder)).toBe(ownIdentity());
    expect(tryLock(folder)).toBeUndefined();
    lock?.release();
    expect(lockHolder(folder)).toBeUndefined();
  });

  test('is not kept by a holder that was killed, or whose pid is another process now', () => {
    mkdirSync(folder);
    writeFileSync(`${folder}/7`, `${process.pid}-0000`);

    expect(lockHolder(folder)).toBeUndefined();
    expect(tryLock(folder)).toBeDefined();
    expect(lockHolder(folder)).toBe(ownIdentity());
  });

  test('is kept for a moment by a holder that has not written its name yet', () => {
    mkdirSync(folder);
    writeFileSync(`${folder}/7`, '');

    expect(lockHolder(folder)).toBe('');
    expect(tryLock(folder)).toBeUndefined();
  });

  test('is not had by who takes an old turn that was cleared away', () => {
    for (let turn = 1; turn <= 40; turn++) tryLock(folder)?.release();
    const turns = readdirSync(folder).filter((name) => !name.endsWith('.done'));

    expect(turns).toHaveLength(16);
    expect(turns).toContain('40');
    expect(turns).not.toContain('24');
  });

  test('is released without complaint if its folder was deleted', () => {
    const lock = tryLock(folder);
    rmSync(folder, { recursive: true });

    expect(() => lock?.release()).not.toThrow();
  });
});
