import { channel } from 'node:diagnostics_channel';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import type { BatchRecord, Runtime, SagaStepRecord, TimerRecord } from 'troupe';
import { serveHttp } from 'troupe/http';
import { traceWithOpenTelemetry } from 'troupe/opentelemetry';
import { expect, it, onTestFinished } from 'vitest';
import { eventually } from '../support/eventually.js';
import { job, letter, processing } from './support/traced-order.js';
import { useDatabase } from './support/use-database.js';

const db = useDatabase();
const domain = new URL('./support/traced-order.js', import.meta.url);
const TRACE = '0af7651916cd43dd8448eb211c80319c';

/** Spans that were ended, with the real SDK. */
function tracing(): () => ReadableSpan[] {
  const exporter = new InMemorySpanExporter();
  const tracerProvider = new BasicTracerProvider({
    spanProcessors: [new SimpleSpanProcessor(exporter)],
  });
  onTestFinished(traceWithOpenTelemetry({ tracerProvider }));
  return () => exporter.getFinishedSpans();
}

function listen<Record>(name: string): Record[] {
  const heard: Record[] = [];
  const note = (record: unknown) => void heard.push(record as Record);
  channel(name).subscribe(note);
  onTestFinished(() => void channel(name).unsubscribe(note));
  return heard;
}

const until = <T>(check: () => T | Promise<T>) => eventually(check);

async function serve(runtime: Runtime): Promise<string> {
  const server = await serveHttp(runtime, { port: 0, commands: true });
  onTestFinished(() => server.close({ drainMs: 0 }));
  return server.url;
}

async function post(url: string, id: string, headers = {}): Promise<number> {
  const { status } = await fetch(`${url}/api/order/${id}/place`, {
    ...{ method: 'POST', body: '{}' },
    headers: { 'content-type': 'application/json', ...headers },
  });
  return status;
}

/** All has happened that an order leads to. */
async function finished(runtime: Runtime, id: string): Promise<void> {
  await runtime.saga(processing).waitFor(id, (at) => at.status === 'done', { timeoutMs: 20_000 });
  await until(async () => expect((await runtime.aggregate(letter).state(id))?.version).toBe(1));
  expect((await runtime.aggregate(job).state(id))?.version).toBe(2);
}

it('one trace leads from a request to all that it causes, across threads and commands', async () => {
  const spans = tracing();
  const runtime = await db.start({ domain });
  const url = await serve(runtime);
  expect(await post(url, 'a', { traceparent: `00-${TRACE}-b7ad6b7169203331-01` })).toBe(200);
  await finished(runtime, 'a');
  const own = await until(() => {
    const all = spans().filter((span) => span.spanContext().traceId === TRACE);
    const names = new Set(all.map(({ name }) => name));
    expect([...names]).toEqual(expect.arrayContaining(WANTED));
    return all;
  });
  const byId = new Map(own.map((span) => [span.spanContext().spanId, span]));
  const parentOf = (span?: ReadableSpan) => byId.get(span?.parentSpanContext?.spanId ?? '');
  const named = (name: string) => own.filter((span) => span.name === name);
  const pathOf = (span: ReadableSpan): string[] => {
    const parent = parentOf(span);
    return [...(parent ? pathOf(parent) : []), span.name];
  };
  const [request] = named('POST /api/:aggregate/:id/:command');
  expect(request?.parentSpanContext?.spanId).toBe('b7ad6b7169203331');
  expect(request?.attributes['http.response.status_code']).toBe(200);
  const to = ['POST /api/:aggregate/:id/:command', 'order place'];
  expect(named('append').map(pathOf)).toContainEqual([...to, 'append']);
  expect(named('orders batch').map(pathOf)).toEqual([[...to, 'orders batch']]);
  expect(named('letter write').map(pathOf)).toEqual([[...to, 'letter write']]);
  const step = [...to, '$saga/processing input'];
  const steps = named('$saga/processing input').map(pathOf);
  expect(steps).toContainEqual(step);
  expect(named('job do').map(pathOf)).toContainEqual([...step, 'job do']);
  // Nobody is an orphan, not even what a timer has done.
  for (const span of own) expect(pathOf(span)[0]).toBe(to[0]);
  expect(own.every(({ duration: [s, ns] }) => s * 1e9 + ns >= 0)).toBe(true);
});

const WANTED = [
  ...['POST /api/:aggregate/:id/:command', 'order place', 'append', 'orders batch'],
  ...['confirm batch', 'letter write', '$saga/processing batch', '$saga/processing input'],
  ...['$saga/processing/commands batch', 'job do', '$saga/processing/effects batch'],
];

it('what is not sampled leaves no span, and the failures of others are marked', async () => {
  const spans = tracing();
  const runtime = await db.start({ domain });
  const url = await serve(runtime);
  await post(url, 'unseen', { traceparent: `00-${TRACE}-b7ad6b7169203331-00` });
  await post(url, 'poison');
  await until(() =>
    expect(
      spans().find(({ name, status }) => name === 'confirm batch' && status.code === 2),
    ).toMatchObject({
      status: { message: 'TypeError' },
    }),
  );
  expect(spans().filter((span) => span.spanContext().traceId === TRACE)).toEqual([]);
});

it('channels of the processor reach the host, and its figures are counted without them', async () => {
  const quiet = await db.start({ domain });
  const url = await serve(quiet);
  await post(url, 'a');
  await finished(quiet, 'a');
  await post(url, 'poison');
  await until(async () =>
    expect(await scrape(url)).toContain(
      'troupe_subscription_parked_streams{subscription="confirm"} 1',
    ),
  );
  const text = await scrape(url);
  for (const line of [
    'troupe_subscription_events_total{subscription="orders"} 2',
    'troupe_subscription_lag_positions{subscription="orders"} 0',
    'troupe_subscription_parked_total{subscription="confirm"} 1',
    'troupe_saga_commands_total{subscription="$saga/processing/commands",outcome="failed"} 0',
    'troupe_saga_effects_total{subscription="$saga/processing/effects",result="succeeded"}',
    'troupe_timers_total{subscription="$saga/processing/timers",result="fired"}',
  ])
    expect(text).toContain(line);
  expect(text).toMatch(/troupe_subscription_retries_total\{subscription="confirm"\} [1-9]/);
  const accepted = /troupe_saga_commands_total\{subscription="[^"]+",outcome="accepted"\} (\d+)/;
  expect(Number(accepted.exec(text)?.[1])).toBeGreaterThanOrEqual(2);
  expect(text).not.toContain('troupe_saga_steps_total{subscription="orders"');

  const batches = listen<BatchRecord>('troupe:batch');
  const steps = listen<SagaStepRecord>('troupe:saga-step');
  const timers = listen<TimerRecord>('troupe:timer');
  // Told within a quarter of a second.
  await until(async () => {
    await post(url, 'b');
    expect(batches.some(({ subscription }) => subscription === 'orders')).toBe(true);
  });
  await post(url, 'c');
  await finished(quiet, 'c');
  await until(() => expect(timers.find(({ id }) => id === 'c')).toMatchObject({ result: 'fired' }));
  await until(() =>
    expect(steps.filter(({ id }) => id === 'c').at(-1)).toMatchObject({
      ...{ saga: 'processing', status: 'done', became: 'moved', input: 'outcome' },
    }),
  );
  expect(timers.every(({ lateSeconds }) => lateSeconds >= 0)).toBe(true);
});

async function scrape(url: string): Promise<string> {
  const answer = await fetch(`${url}/metrics`);
  expect(answer.headers.get('content-type')).toContain('text/plain; version=0.0.4');
  return answer.text();
}
