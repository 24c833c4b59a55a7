import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { startRuntime } from 'troupe';
import { serveHttp } from 'troupe/http';
import { deposit } from './domain.js';

/*
 * The server of the HTTP bench, in a process of its own: a runtime, or a bare hono app that takes the same
 * bodies, checks them by the same schema and sends them back. Tells its parent where it listens, and what CPU
 * time it has taken whenever it is asked.
 */
const { TROUPE_BENCH_URL = '', TROUPE_BENCH_SCHEMA = '' } = process.env;

process.on('message', () => process.send?.(process.cpuUsage()));
process.on('disconnect', () => process.exit());

if (process.argv[2] === 'echo') serveEcho();
else await serveTroupe();

function serveEcho(): void {
  const app = new Hono();
  app.post('/api/:aggregate/:id/:command', async (context) => {
    const parsed = deposit.safeParse(await context.req.json());
    return parsed.success
      ? context.json({ ...context.req.param(), data: parsed.data })
      : context.json({ issues: parsed.error.issues }, 422);
  });
  serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => {
    process.stdout.write(`http://127.0.0.1:${port}\n`);
  });
}

async function serveTroupe(): Promise<void> {
  const runtime = await startRuntime({
    domain: new URL('./domain.ts', import.meta.url),
    store: { kind: 'postgres', url: TROUPE_BENCH_URL, schema: TROUPE_BENCH_SCHEMA },
    shards: 1,
    freezeState: false,
  });
  const server = await serveHttp(runtime, { port: 0, commands: true });
  process.on('SIGTERM', () => {
    void server
      .close({ drainMs: 1000 })
      .then(() => runtime.stop())
      .then(() => process.disconnect());
  });
  process.stdout.write(`${server.url}\n`);
}
