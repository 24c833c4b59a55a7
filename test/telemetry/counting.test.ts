import { describe, expect, it } from 'vitest';
import { readFigures } from '../../src/telemetry/figures.js';
import { account, check, crash, deposit, grant } from '../support/account.js';
import { unavailable } from '../support/faults.js';
import { useShards } from '../support/use-shards.js';

const shards = useShards();

describe('a shard counts', () => {
  it('batches, their events and their size', async () => {
    const { client, shard } = await begin();
    const id = shards.id();
    await client.send(id, grant(1));
    await Promise.all([client.send(id, deposit(2)), client.send(id, deposit(3))]);
    const { appends, appendEvents, appendBytes, appendDuration } = readFigures(shard.figures);
    expect(appends.stored).toBe(2);
    expect(appendEvents).toMatchObject({ count: 2, sum: 3, max: 2 });
    expect(appendDuration.count).toBe(2);
    const logged = await shards.db.query<{ bytes: string }>(
      `SELECT sum(length(data::text) + length(metadata::text)) AS bytes FROM ${shards.schema}.events WHERE id = $1`,
      [id],
    );
    expect(appendBytes.sum).toBe(Number(logged.rows[0]?.bytes));
  });

  it('activations with the events they replay, and catching up after a conflict', async () => {
    const { client, shard } = await begin();
    const id = shards.id();
    await shards.insert(id, 1);
    await shards.insert(id, 2);
    await client.send(id, deposit(1));
    expect(readFigures(shard.figures)).toMatchObject({
      ...{ activations: 1, catchUps: 0, conflicts: 0, retries: 0 },
      recoveryEvents: { count: 1, sum: 2 },
    });
    await shards.insert(id, 4);
    await client.send(id, deposit(1));
    const figures = readFigures(shard.figures);
    expect(figures).toMatchObject({ activations: 1, catchUps: 1, conflicts: 1, retries: 1 });
    expect(figures.recoveryEvents).toMatchObject({ count: 2, sum: 2 + 4 }); // its state was dropped
    expect(figures.recoveryDuration.count).toBe(2);
    expect(figures.appends).toMatchObject({ stored: 2, conflict: 1 });
    expect(figures.queueWait.count).toBe(3); // the one that met the conflict waited twice
  });

  it('the time of one decision in 64', async () => {
    const { client, shard } = await begin();
    const id = shards.id();
    await client.send(id, grant(1));
    for (let i = 0; i < 3; i++)
      await Promise.all(Array.from({ length: 50 }, () => client.send(id, check)));
    expect(readFigures(shard.figures).decideDuration.count).toBe(2);
    expect(readFigures(shard.figures).queueWait.count).toBe(151);
  });

  it('the rebuilding of an actor whose decider threw as catching up', async () => {
    const { client, shard } = await begin();
    const id = shards.id();
    await client.send(id, grant(1));
    await expect(client.send(id, crash)).rejects.toMatchObject({ code: 'CommandFailed' });
    await client.send(id, check);
    expect(readFigures(shard.figures)).toMatchObject({ retries: 0, catchUps: 1 });
  });

  it('snapshots that were written and that were not, and passivations', async () => {
    const { client, shard } = await begin();
    const ids = [shards.id(), shards.id()];
    for (const id of ids)
      await Promise.all(Array.from({ length: 25 }, () => client.send(id, grant(1))));
    shard.store.next('saveSnapshots', unavailable);
    await shard.stop();
    const { snapshots, passivations, snapshotDuration } = readFigures(shard.figures);
    expect({ snapshots, passivations }).toEqual({
      ...{ snapshots: { written: 0, failed: 2 }, passivations: 2 },
    });
    expect(snapshotDuration.count).toBe(1);
    const other = await begin();
    for (const id of ids) await other.client.send(id, check);
    await other.shard.stop();
    expect(readFigures(other.shard.figures).snapshots).toEqual({ written: 2, failed: 0 });
  });
});

async function begin() {
  const shard = await shards.start();
  return { shard, client: shard.client(account) };
}
