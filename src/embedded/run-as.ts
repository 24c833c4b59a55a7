import { type ChildProcess, execFile } from 'node:child_process';
import { parse } from 'node:path';
import type { ServerUser } from './server-user.js';

/** How a program ended. `status` is -1 if it could not be run at all; `output` then says why. */
export interface ProgramResult {
  readonly status: number;
  readonly output: string;
}

/** Runs a program to its end as `user`, or as this process's own user. Never throws. */
export function runAs(
  user: ServerUser | undefined,
  file: string,
  args: readonly string[],
  onSpawn: (child: ChildProcess) => void = () => {},
): Promise<ProgramResult> {
  return new Promise((resolve) => {
    try {
      const child = execFile(file, args, processOptions(user, file), (error, stdout, stderr) => {
        const status = error ? Number(child.exitCode ?? -1) : 0;
        resolve({ status, output: `${stdout}${stderr}` || (error?.message ?? '') });
      });
      onSpawn(child);
    } catch (error) {
      resolve({ status: -1, output: String(error) });
    }
  });
}

/**
 * How every program of Postgres is started: in a folder that any user may be in, and with nothing of
 * our environment that could configure it or that its user should not see.
 */
export function processOptions(user: ServerUser | undefined, file: string) {
  const kept = ['PATH', 'LD_LIBRARY_PATH', 'TZ', 'SystemRoot', 'TEMP', 'TMP'];
  const given = kept.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : []));
  const env: Record<string, string> = { ...Object.fromEntries(given), LC_ALL: 'C' };
  return { ...(user ? { uid: user.uid, gid: user.gid } : {}), cwd: parse(file).root, env };
}
