import { describe, expect, it } from 'vitest';
import { batchOf, eventRow, eventRows, outcomeRow } from '../contract/batches.js';
import { eventually } from '../support/eventually.js';
import { databaseUrl } from '../support/postgres.js';
import { type PassedFrame, type ServerProxy, startProxy } from './support/proxy.js';
import { useLog } from './support/use-log.js';

const log = useLog();

describe('an append', () => {
  it('H27 is one round trip and never leaves a transaction open between two statements', async () => {
    const proxy = await startProxy(databaseUrl());
    const store = log.open({}, proxy.url);
    const stream = { aggregate: 'h27', id: 'a' };
    const batches = [
      batchOf({}),
      batchOf({
        rows: eventRows(stream, 1, 50),
        assertions: [{ aggregate: 'h27', id: 'unknown', version: 0 }],
        outcomes: [outcomeRow(stream, 'key')],
      }),
      batchOf({ rows: [eventRow(stream, 1)] }), // a conflict
      batchOf({ rows: [eventRow(stream, 51)] }),
    ];
    await store.append(log.writer, batches[0]!);
    const [startup] = await framesUntilReady(proxy);
    expect(startup!.bytes.toString()).toContain('idle_in_transaction_session_timeout');

    for (const batch of batches) {
      const { kind } = await store.append(log.writer, batch);
      expect(kind).toMatch(/stored|conflict/);
      const frames = await framesUntilReady(proxy);
      const sent = frames.filter((frame) => frame.from === 'client').map((frame) => frame.type);
      expect(
        sent.filter((type) => type === 'S'),
        'Sync',
      ).toHaveLength(1);
      expect(
        sent.filter((type) => type === 'E'),
        'Execute',
      ).toHaveLength(1);
      expect(sent).not.toContain('Q');
      const ready = frames.filter((frame) => frame.from === 'server' && frame.type === 'Z');
      expect(ready.map((frame) => frame.bytes.toString('latin1', 5))).toEqual(['I']);
    }
    await store.close();
    await proxy.close();
  });

  it('is prepared once per connection', async () => {
    const proxy = await startProxy(databaseUrl());
    const store = log.open({}, proxy.url);
    for (let i = 0; i < 3; i++) await store.append(log.writer, batchOf({}));
    const parsed = proxy
      .takeFrames()
      .filter((frame) => frame.from === 'client' && frame.type === 'P');
    const appends = parsed.filter((frame) => frame.bytes.includes('append_v1'));
    expect(appends).toHaveLength(1);
    await store.close();
    await proxy.close();
  });
});

/** An error is reported before the server says that it is ready again. */
async function framesUntilReady(proxy: ServerProxy): Promise<readonly PassedFrame[]> {
  const frames: PassedFrame[] = [];
  const ready = () => {
    frames.push(...proxy.takeFrames());
    expect(frames.at(-1)).toMatchObject({ from: 'server', type: 'Z' });
  };
  await eventually(ready);
  return frames;
}
