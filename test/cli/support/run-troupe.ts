import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/** The command's file, as source. */
export const MAIN = fileURLToPath(new URL('../../../src/cli/main.ts', import.meta.url));
const TSX = createRequire(import.meta.url).resolve('tsx/cli');

/** What a run of the command gave. */
export interface Run {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `troupe` in a process of its own. */
export function troupe(...args: string[]): Promise<Run> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [TSX, MAIN, ...args], (_, stdout, stderr) => {
      resolve({ status: child.exitCode ?? -1, stdout, stderr });
    });
  });
}
