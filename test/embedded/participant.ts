import { createInterface } from 'node:readline';
import { openEmbedded } from '../../src/embedded/open.js';
import { type ResolvedOptions, resolveOptions } from '../../src/embedded/options.js';

// A process that uses a server, driven by scene.ts: options as JSON in the arguments, commands as
// lines on stdin, answers as lines of JSON on stdout.

interface Instructions {
  options: Parameters<typeof resolveOptions>[0];
  changed?: Partial<ResolvedOptions>;
}

const tell = (message: object) => process.stdout.write(`${JSON.stringify(message)}\n`);
const onNotice = (notice: string) => tell({ notice });

const { options, changed }: Instructions = JSON.parse(process.argv[2] ?? '{}');
const commands = createInterface({ input: process.stdin });

commands.once('line', (line) => line === 'exit early' && process.exit(0));
tell({ began: true });
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
