import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { identityOf, isAlive, ownIdentity } from '../../src/embedded/process-identity.js';
import { waitUntil } from '../../src/embedded/wait-until.js';

describe('the identity of a process', () => {
  test('is the same as long as it runs, and can be part of a file name', () => {
    expect(ownIdentity()).toBe(identityOf(process.pid));
    expect(ownIdentity()).toMatch(new RegExp(`^${process.pid}-[A-Za-z0-9]+$`));
    expect(isAlive(ownIdentity())).toBe(true);
  });

  test('is not that of another process with the same pid', () => {
    expect(isAlive(`${process.pid}-0`)).toBe(false);
    expect(isAlive(`${process.pid}-${startOf(identityOf(process.ppid))}`)).toBe(false);
    expect(isAlive('')).toBe(false);
    expect(isAlive('0-0')).toBe(false);
  });

  test('ends with it', async () => {
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()']);
    const identity = identityOf(child.pid!);
    expect(isAlive(identity!)).toBe(true);
    child.kill('SIGKILL');
    await once(child, 'exit');

    expect(isAlive(identity!)).toBe(false);
  });

  test.runIf(process.platform === 'linux')('ends when it is but a zombie', async () => {
    // The shell starts a child, and becomes a program that never waits for it; then the child ends.
    const child = '(until [ "$name" = sleep ]; do read name < /proc/$$/comm; done)';
    const shell = spawn('sh', ['-c', `${child} & echo $!; exec sleep 60`]);
    const [line] = await once(shell.stdout, 'data');
    const zombie = Number(String(line));

    expect(await waitUntil(() => identityOf(zombie) === undefined, 10_000)).toBe(true);
    expect(() => process.kill(zombie, 0)).not.toThrow();
    shell.kill('SIGKILL');
    await once(shell, 'exit');
  });
});

function startOf(identity: string | undefined): string | undefined {
  return identity?.split('-')[1];
}
