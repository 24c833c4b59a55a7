import { startRuntime } from 'troupe';
import { embeddedPostgres } from 'troupe/embedded';
import { serveHttp } from 'troupe/http';

const postgres = await embeddedPostgres();
const runtime = await startRuntime({
  domain: new URL('./readers.ts', import.meta.url),
  store: { kind: 'postgres', url: postgres.url },
});
const server = await serveHttp(runtime, {
  port: Number(process.env.PORT ?? 8080),
  commands: true,
  info: { title: 'Todo lists', version: '1.0.0' },
});
console.log(`Todo lists: ${server.url}/docs`);
console.log(`Snapshot of one: ${server.url}/inspect/actors/list/ID`);

async function stop(): Promise<void> {
  await server.close();
  await runtime.stop();
  await postgres.stop();
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop());
