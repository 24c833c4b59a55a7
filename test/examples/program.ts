import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { onTestFinished } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

/** Where and with what a program runs. */
export interface Surroundings {
  /** Working folder. Default the project. */
  readonly cwd?: string;
  /** The database; without it the program uses the embedded server of its working folder. */
  readonly databaseUrl?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A program in a process of its own: a `.ts` file from its source. It is gone when the test is. */
export class Program {
  stdout = '';
  stderr = '';
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown[]>;

  constructor(
    file: string,
    args: readonly string[],
    { cwd = root, databaseUrl, env: more }: Surroundings,
  ) {
    const { DATABASE_URL: _, ...env } = process.env;
    const flags = file.endsWith('.ts') ? ['--import', loader] : [];
    this.#child = spawn(process.execPath, [...flags, `${root}${file}`, ...args], {
      cwd,
      env: {
        ...env,
        // The packages 'troupe' and 'troupe/embedded' are the sources here, as in the other tests.
        TSX_TSCONFIG_PATH: `${root}tsconfig.json`,
        ...more,
        ...(databaseUrl !== undefined && { DATABASE_URL: databaseUrl }),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (text) => {
      this.stdout += text;
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text) => {
      this.stderr += text;
    });
    this.#closed = once(this.#child, 'close');
    onTestFinished(() => void this.#child.kill('SIGKILL'));
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Resolves with the exit code, or the signal that ended it. */
  async ended(): Promise<number | NodeJS.Signals> {
    const [code, signal] = await this.#closed;
    return (code ?? signal) as number | NodeJS.Signals;
  }

  /** Resolves once stdout holds the text; throws if the program ends without it. */
  async says(text: string): Promise<void> {
    let over = false;
    const end = this.#closed.then(() => {
      over = true;
    });
    while (!this.stdout.includes(text)) {
      if (over) throw new Error(`ended without "${text}":\n${this.stdout}\n${this.stderr}`);
      await Promise.race([end, once(this.#child.stdout as NodeJS.ReadableStream, 'data')]);
    }
  }
}
