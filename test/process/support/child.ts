import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished } from 'vitest';
import { eventually } from '../../support/eventually.js';

/** Another Node process. */
export class Child {
  private out = '';
  private readonly process: ChildProcess;
  private readonly closed: Promise<unknown>;
  stderr = '';

  constructor(script: URL, env: Record<string, string>, nodeArgs: readonly string[] = []) {
    this.process = spawn(process.execPath, [...nodeArgs, fileURLToPath(script)], {
      env: { PATH: process.env.PATH, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.process.stdout!.on('data', (text) => {
      this.out += text;
    });
    this.process.stderr!.on('data', (text) => {
      this.stderr += text;
    });
    this.closed = once(this.process, 'close');
    onTestFinished(() => void this.process.kill('SIGKILL'));
  }

  /** What it has written, whole lines only. */
  get lines(): string[] {
    return this.out.split('\n').slice(0, -1);
  }

  /** Resolves when it has written so many lines. */
  async wrote(lines: number): Promise<void> {
    await eventually(() => expect(this.lines.length, this.stderr).toBeGreaterThanOrEqual(lines), 1);
  }

  get pid(): number {
    return this.process.pid!;
  }

  /** Stops, continues or asks it to end. */
  signal(signal: 'SIGTERM' | 'SIGSTOP' | 'SIGCONT'): void {
    this.process.kill(signal);
  }

  /** Ends it without warning; resolves when all that it wrote has arrived. */
  async kill(): Promise<void> {
    this.process.kill('SIGKILL');
    await this.closed;
  }

  /** Its exit code, once it has ended by itself. */
  async exit(): Promise<number | null> {
    await eventually(() => expect(this.process.exitCode ?? this.process.signalCode).not.toBe(null));
    await this.closed;
    return this.process.exitCode;
  }
}
