import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { openEmbedded } from '../../src/embedded/open.js';
import { type ResolvedOptions, resolveOptions } from '../../src/embedded/options.js';

// A process that uses a server, driven by scene.ts: options as JSON in the arguments, commands as
// lines on stdin, answers as lines of JSON on stdout. `exitAt`: it exits as soon as that file exists.

interface Instructions {
  options: Parameters<typeof resolveOptions>[0];
  changed?: Partial<ResolvedOptions>;
  exitAt?: string;
}

const tell = (message: object) => process.stdout.write(`${JSON.stringify(message)}\n`);
const onNotice = (notice: string) => tell({ notice });

const { options, changed, exitAt }: Instructions = JSON.parse(process.argv[2] ?? '{}');
const commands = createInterface({ input: process.stdin });

const exitIfItExists = (path: string) => {
  if (existsSync(path)) process.exit(0);
  setImmediate(exitIfItExists, path);
};
if (exitAt !== undefined) exitIfItExists(exitAt);

try {
  const server = await openEmbedded({ ...resolveOptions({ ...options, onNotice }), ...changed });
  commands.on('line', (line) => {
    if (line === 'stop') void server.stop().then(() => tell({ stopped: true }));
    if (line === 'exit') process.exit(0);
    if (line === 'finish') process.stdin.destroy();
    if (line === 'throw') throw new Error('on purpose');
  });
  const { stop: _, ...ready } = server;
  tell({ ready });
} catch (error) {
  const { code, message } = error as { code?: string; message: string };
  tell({ failed: { code, message } });
  process.stdin.destroy();
}
