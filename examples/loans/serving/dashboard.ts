import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { FrontDoor } from './front-door.js';

const root = new URL('../../../', import.meta.url);
const built = new URL('dist/web/index.html', root);
const script = fileURLToPath(new URL('scripts/build-web.js', root));

/**
 * Builds the dashboard if that was never done, beside everything else; the page says so meanwhile. Without
 * it the rest works all the same.
 */
export async function withDashboard(door: FrontDoor, signal: AbortSignal): Promise<void> {
  if (existsSync(built)) return;
  console.log('building the dashboard, the first time only');
  const failure = await door.while('The dashboard is being built', build(signal));
  if (failure !== undefined && !signal.aborted)
    console.error(
      `the dashboard could not be built, the rest works without it: ${failure}\n  again: npm run build`,
    );
}

/** In a process of its own; resolves to what went wrong. */
function build(signal: AbortSignal): Promise<string | undefined> {
  const child = spawn(process.execPath, [script], { stdio: ['ignore', 'ignore', 'pipe'], signal });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  return new Promise((resolve) => {
    child.once('error', ({ message }) => resolve(message));
    child.once('close', (code) =>
      resolve(code === 0 ? undefined : said || `it ended with ${code}`),
    );
  });
}
