import { expect, it, vi } from 'vitest';
import { idOn } from './support/inside.js';
import { useDatabase } from './support/use-database.js';
import { tallyOf } from './support/workload.js';

const db = useDatabase();

it.each([1, 2])('%i shards open as many connections as docs/deployment.md says', async (shards) => {
  const runtime = await db.start({ shards });
  const tallies = tallyOf(runtime);
  // All that a process does, as much of it at once as opens every connection.
  await vi.waitFor(
    async () => {
      await Promise.all([
        ...Array.from({ length: 40 * shards }, async (_, i) => {
          const id = idOn(i % shards, shards);
          await tallies.send(`${id}-${i}`, { type: 'add', data: { token: `${i}` } });
          await tallies.send(id, { type: 'add', data: { token: `${i}` } });
          for await (const _event of tallies.events(id));
        }),
        ...Array.from({ length: 10 }, async () => {
          for await (const _event of runtime.events());
        }),
      ]);
      expect(await db.sessions('commit')).toHaveLength(shards);
      expect(await db.sessions('recovery')).toHaveLength(2 * shards + 2);
      expect(await db.sessions('%')).toHaveLength(3 * shards + 3);
    },
    { timeout: 30_000, interval: 100 },
  );
});
