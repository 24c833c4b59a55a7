import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';

/** The command's file, as it is installed. */
export const MAIN = fileURLToPath(new URL('../../../dist/src/cli/main.js', import.meta.url));

// Where no tsconfig.json maps the package to its sources.
const AWAY = { cwd: tmpdir() };

/** What a run of the command gave. */
export interface Run {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `troupe` in a process of its own. */
export function troupe(...args: string[]): Promise<Run> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [MAIN, ...args], AWAY, (_, stdout, stderr) => {
      resolve({ status: child.exitCode ?? -1, stdout, stderr });
    });
  });
}
