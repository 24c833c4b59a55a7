import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { flag } from './support/flag.js';
import { commandOf, idOn, shardsOf } from './support/inside.js';
import { useDatabase } from './support/use-database.js';
import { tallyOf } from './support/workload.js';

const db = useDatabase();

describe('what the host sees of a blocked thread', () => {
  it.each(['validate', 'decide', 'event schema', 'evolve'] as const)(
    'is the command, and that it is in %s',
    async (where) => {
      const runtime = await db.start();
      const [shard] = shardsOf(runtime);
      const end = flag();
      const data = { token: 't', file: end.path, where };
      const sent = tallyOf(runtime).send('a', { type: 'spin', data }, { commandId: 'culprit' });
      await end.reached();
      const { phase, ref } = shard!.activity;
      expect(phase).toBe(where);
      expect(commandOf(shard!, ref)).toMatchObject({ commandId: 'culprit' });
      end.raise();
      await sent;
      expect(shard!.activity.phase).toBe('none');
    },
  );

  it('is a heartbeat that stands still, while those of others go on', async () => {
    const runtime = await db.start({ shards: 2 });
    const [blocked, other] = shardsOf(runtime);
    const end = flag();
    const data = { token: 't', file: end.path };
    const sent = tallyOf(runtime).send(idOn(0, 2), { type: 'spin', data });
    await end.reached();
    const { heartbeat } = blocked!.activity;
    await untilItBeats(other!, 3);
    expect(other!.activity.phase).toBe('none');
    expect(blocked!.activity.heartbeat).toBe(heartbeat);
    end.raise();
    await sent;
    await untilItBeats(blocked!, 2);
  });
});

async function untilItBeats(shard: ReturnType<typeof shardsOf>[number], times: number) {
  const before = shard.activity.heartbeat;
  await eventually(() => expect(shard.activity.heartbeat).toBeGreaterThanOrEqual(before + times));
}
