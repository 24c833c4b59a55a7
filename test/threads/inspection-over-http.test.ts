import { describe, expect, it } from 'vitest';
import { serve } from '../http/support/served.js';
import { flag } from './support/flag.js';
import { idOn } from './support/inside.js';
import { useDatabase } from './support/use-database.js';
import { add, spin, tallyOf } from './support/workload.js';

const db = useDatabase();

describe('a blocked shard', () => {
  it('holds up no list over HTTP', async () => {
    const runtime = await db.start({ shards: 2 });
    const { ask } = await serve(runtime);
    const [stuck, free] = [idOn(0, 2), idOn(1, 2)];
    for (const id of [stuck, free]) await tallyOf(runtime).send(id, add('t'));
    const end = flag();
    const sent = tallyOf(runtime).send(stuck, spin(end.path)('t'));
    await end.reached();
    const body = async (path: string) => {
      const answer = await ask('GET', path);
      expect(`${path} ${answer.status} ${answer.text}`).toContain(`${path} 200 `);
      return answer.body;
    };
    // Were one of them to wait for the shard, it would wait for ever: the flag is raised at the end.
    expect(await body('/inspect/shards?condition=blocked')).toMatchObject({
      items: [{ shard: 0, phase: 'decide', running: { id: stuck } }],
    });
    expect(await body('/inspect/actors')).toMatchObject({ items: [{ id: free }], silent: [0] });
    expect(await body(`/inspect/actors/tally/${stuck}`)).toMatchObject({ status: 'unknown' });
    expect(await body(`/inspect/actors/tally/${stuck}/state`)).toMatchObject({ version: 1 });
    for (const list of ['subscriptions', 'projections', 'sagas', 'timers', 'events', 'audit'])
      expect(await body(`/inspect/${list}`)).toHaveProperty('items');
    end.raise();
    await sent;
  });
});
