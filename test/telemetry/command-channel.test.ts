import { type CommandTrace, MemoryLog, type Metadata, startRuntime } from 'troupe';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { commandChannel } from '../../src/telemetry/channels.js';
import { account, deposit, grant, withdraw } from '../support/account.js';

type Told = [name: string, trace: CommandTrace];

/** Hears the command channel until the test ends. Each trace is copied as it was when it was published. */
function listen(onStart: (trace: CommandTrace) => void = () => undefined): Told[] {
  const told: Told[] = [];
  const note = (name: string) => (trace: unknown) => {
    if (name === 'start') onStart(trace as CommandTrace);
    told.push([name, { ...(trace as CommandTrace) }]);
  };
  const names = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'] as const;
  const [start, end, asyncStart, asyncEnd, error] = names.map(note) as [
    Hear,
    Hear,
    Hear,
    Hear,
    Hear,
  ];
  const subscribers = { start, end, asyncStart, asyncEnd, error };
  commandChannel.subscribe(subscribers);
  onTestFinished(() => void commandChannel.unsubscribe(subscribers));
  return told;
}
type Hear = (trace: unknown) => void;

async function accounts(options = {}) {
  const store = { kind: 'memory', log: new MemoryLog() } as const;
  const runtime = await startRuntime({ domain: { account }, store, shards: 0, ...options });
  onTestFinished(() => runtime.stop());
  return runtime.aggregate(account);
}

describe('the command channel', () => {
  it('tells when a call starts and what became of it, with ids, and without payloads', async () => {
    const told = listen();
    const client = await accounts();
    const metadata = {
      correlationId: 'talk-1',
      traceparent: '00-trace-span-01',
      note: 'secret-note',
    };
    await client.send('a', grant(417_001), { commandId: 'c-1', metadata });
    const call = {
      ...{ aggregate: 'account', id: 'a', type: 'grant', commandId: 'c-1' },
      ...{ correlationId: 'talk-1', traceparent: '00-trace-span-01' },
    };
    const answer = { outcome: 'accepted', version: 1, position: 1, events: 1, deduplicated: false };
    expect(told.map(([name]) => name)).toEqual(['start', 'end', 'asyncStart', 'asyncEnd']);
    expect(told[0]?.[1]).toEqual({ ...call, startedAt: expect.any(Number) as number });
    expect(told[3]?.[1]).toMatchObject({ ...call, ...answer });
    expect(told[3]?.[1].durationSeconds).toBeGreaterThan(0);
    expect(JSON.stringify(told)).not.toMatch(/417001|secret-note/);
  });

  it('tells a rejection with its code, and a refusal or failure as an error too', async () => {
    const client = await accounts();
    await client.send('a', grant(1));
    const told = listen();
    await client.trySend('a', withdraw(5));
    await client.send('a', deposit(1), { expectedVersion: 7 }).catch(() => undefined);
    await client.send('', deposit(1)).catch(() => undefined);
    expect(told.flatMap(([name, { code }]) => (name === 'asyncEnd' ? [code] : []))).toEqual([
      ...['ACCOUNT_OVERDRAWN', 'VersionConflict', 'InvalidId'],
    ]);
    expect(told.flatMap(([name, { outcome }]) => (name === 'error' ? [outcome] : []))).toEqual([
      ...['refused', 'refused'],
    ]);
  });

  it('stores the trace context that a subscriber gives a call', async () => {
    listen((trace) => {
      trace.traceparent ??= '00-made-here-01';
    });
    const client = await accounts();
    await client.send('a', grant(1), { metadata: { tenant: 't' } });
    await client.send('a', grant(1), { metadata: { traceparent: '00-of-the-caller-01' } });
    const stored: Metadata[] = [];
    for await (const { metadata } of client.events('a')) stored.push(metadata);
    expect(stored).toMatchObject([
      { tenant: 't', traceparent: '00-made-here-01' },
      { traceparent: '00-of-the-caller-01' },
    ]);
  });

  it('has nothing built for it while nobody listens', async () => {
    const built = vi.spyOn(commandChannel.start, 'runStores');
    onTestFinished(() => built.mockRestore());
    const client = await accounts();
    await client.send('a', grant(1));
    expect(built).not.toHaveBeenCalled();
    listen();
    const heard = vi.spyOn(commandChannel.start, 'runStores');
    await client.send('a', grant(1));
    expect(heard).toHaveBeenCalledOnce();
  });
});
