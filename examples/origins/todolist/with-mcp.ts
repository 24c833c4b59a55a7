import { startRuntime } from 'troupe';
import { embeddedPostgres } from 'troupe/embedded';
import { serveHttp } from 'troupe/http';
import { mcp } from 'troupe/mcp';

const postgres = await embeddedPostgres();
const runtime = await startRuntime({
  domain: new URL('./readers.ts', import.meta.url),
  store: { kind: 'postgres', url: postgres.url },
});
const server = await serveHttp(runtime, {
  port: Number(process.env.PORT ?? 8080),
  mcp: mcp({
    commands: ['list.create', { command: 'list.add', isDestructive: false }, 'list.finish'],
    views: ['overview'],
    streams: ['list'],
  }),
});
console.log(`Todo lists over MCP: ${server.url}/mcp`);

async function stop(): Promise<void> {
  await server.close();
  await runtime.stop();
  await postgres.stop();
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop());
