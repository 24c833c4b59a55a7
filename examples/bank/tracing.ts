import {
  BasicTracerProvider,
  ConsoleSpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { startRuntime } from 'troupe';
import { embeddedPostgres } from 'troupe/embedded';
import { traceWithOpenTelemetry } from 'troupe/opentelemetry';
import { account } from './domain.js';

const tracerProvider = new BasicTracerProvider({
  spanProcessors: [new SimpleSpanProcessor(new ConsoleSpanExporter())],
});
traceWithOpenTelemetry({ tracerProvider });

const postgres = await embeddedPostgres();
const runtime = await startRuntime({
  domain: new URL('./domain.ts', import.meta.url),
  store: { kind: 'postgres', url: postgres.url },
});

await runtime.aggregate(account).create({ type: 'open', data: { owner: 'mia' } });

await runtime.stop();
await postgres.stop();
