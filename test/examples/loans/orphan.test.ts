import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { databaseUrl } from '../../support/postgres.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

it('npm start stops when npm has ended the shell between them', { timeout: 90_000 }, async () => {
  // What follows the command keeps the shell from becoming the program.
  const command = `'${process.execPath}' --import '${loader}' examples/loans/start.ts; exit $?`;
  const shell = spawn('sh', ['-c', command], {
    cwd: root,
    env: {
      ...process.env,
      ...{ DATABASE_URL: databaseUrl(), npm_lifecycle_event: 'start' },
      TSX_TSCONFIG_PATH: `${root}tsconfig.json`,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true, // a group of its own, so that all of it can be ended after a failure
  });
  onTestFinished(() => {
    try {
      process.kill(-(shell.pid as number), 'SIGKILL');
    } catch {
      // all of them have ended, as they should
    }
  });
  let said = '';
  const closed = once(shell.stdout.setEncoding('utf8'), 'close');
  shell.stdout.on('data', (text: string) => {
    said += text;
    if (text.includes('Troupe is up')) shell.kill('SIGTERM');
  });
  await closed; // when the last process that could write to it has ended
  expect(said).toMatch(/\nstopped\n$/);
});
