import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { benchServer, dropSchema, note, settingsOf } from './server.js';
import { median, rounded } from './statistics.js';

const SCHEMA = 'bench_takeover';
const PROCESS = fileURLToPath(new URL('./takeover-process.js', import.meta.url));
/** The renewals of a lease and the looks of who stands by have their rhythm: rounds meet it anywhere. */
const SETTLE_MS = 1000;
const END = { drainMs: 'SIGTERM', killMs: 'SIGKILL', stopMs: 'SIGSTOP' } as const;

type Figure = keyof typeof END;

/** From the end of an owner, in three ways, to the first command that the process standing by accepts. */
export async function takeoverBench({ rounds }: { readonly rounds: number }): Promise<object> {
  const server = await benchServer();
  try {
    const figures: Record<Figure, number[]> = { drainMs: [], killMs: [], stopMs: [] };
    for (let round = 1; round <= rounds; round++) {
      for (const figure of Object.keys(END) as Figure[]) {
        await dropSchema(server.url, SCHEMA);
        figures[figure].push(await takeover(server.url, END[figure]));
      }
      note(`round ${round}: ${JSON.stringify(medians(figures))}`);
    }
    await dropSchema(server.url, SCHEMA);
    return { ...medians(figures), settings: { ...(await settingsOf(server.url)), rounds } };
  } finally {
    await server.stop();
  }
}

function medians(figures: Record<Figure, number[]>): Record<Figure, number> {
  const of = (figure: Figure): number => rounded(median(figures[figure]));
  return { drainMs: of('drainMs'), killMs: of('killMs'), stopMs: of('stopMs') };
}

async function takeover(url: string, signal: 'SIGTERM' | 'SIGKILL' | 'SIGSTOP'): Promise<number> {
  const owner = new Participant(url);
  let next: Participant | undefined;
  try {
    await owner.says('accepted');
    next = new Participant(url);
    await next.says('refused');
    await pause(SETTLE_MS * (1 + Math.random()));
    const start = performance.now();
    owner.process.kill(signal);
    await next.says('accepted');
    return performance.now() - start;
  } finally {
    await owner.end();
    await next?.end();
  }
}

/** A process of the bench. */
class Participant {
  readonly process: ChildProcess;
  private readonly lines: AsyncIterator<string>;
  private readonly exited: Promise<unknown>;

  constructor(url: string) {
    this.process = spawn(process.execPath, [PROCESS], {
      env: { ...process.env, TROUPE_BENCH_URL: url, TROUPE_BENCH_SCHEMA: SCHEMA },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.exited = once(this.process, 'exit');
    // `stdio` makes it a pipe.
    const input = this.process.stdout as NonNullable<ChildProcess['stdout']>;
    this.lines = createInterface({ input })[Symbol.asyncIterator]();
  }

  /** Resolves when it says so; throws if it ends or says something else. */
  async says(expected: string): Promise<void> {
    const { value, done } = await this.lines.next();
    if (done || value !== expected)
      throw new Error(`a process of the bench: expected ${expected}, got ${String(value)}`);
  }

  /** Ends it however it is. */
  async end(): Promise<void> {
    this.process.kill('SIGKILL');
    await this.exited;
  }
}
