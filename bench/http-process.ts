import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const SERVER = fileURLToPath(new URL('./http-server.js', import.meta.url));

/** A server of the HTTP bench, in a process of its own. */
export class ServerProcess {
  private readonly child: ChildProcess;
  private readonly exited: Promise<unknown>;

  constructor(
    private readonly kind: 'echo' | 'troupe',
    databaseUrl: string,
    schema: string,
  ) {
    this.child = spawn(process.execPath, [SERVER, kind], {
      env: { ...process.env, TROUPE_BENCH_URL: databaseUrl, TROUPE_BENCH_SCHEMA: schema },
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });
    this.exited = once(this.child, 'exit');
  }

  /** Where it listens, once it does. */
  async url(): Promise<string> {
    // `stdio` makes it a pipe.
    const input = this.child.stdout as NonNullable<ChildProcess['stdout']>;
    for await (const line of createInterface({ input })) return line;
    throw new Error(`the ${this.kind} server of the bench ended`);
  }

  /** CPU time of all its threads since its start. Milliseconds. */
  async cpuMs(): Promise<number> {
    const answer = once(this.child, 'message');
    this.child.send('cpu');
    const [{ user, system }] = (await answer) as [NodeJS.CpuUsage];
    return (user + system) / 1000;
  }

  async stop(): Promise<void> {
    this.child.kill('SIGTERM');
    const cut = setTimeout(() => this.child.kill('SIGKILL'), 5000);
    await this.exited;
    clearTimeout(cut);
  }
}
