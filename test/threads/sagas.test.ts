import fc from 'fast-check';
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { bill, meter, metering } from './support/counting-saga.js';
import { watchThreads } from './support/inside.js';
import { useDatabase } from './support/use-database.js';

const db = useDatabase();
const domain = new URL('./support/counting-saga.js', import.meta.url);
const METERS = ['a', 'b', 'c'];

/** What happens next: a meter is read, time passes so that timers fire, or a thread dies. */
const happening = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({ meter: fc.constantFrom(...METERS), by: fc.integer({ min: 1, max: 9 }) }),
  },
  { weight: 3, arbitrary: fc.record({ passMs: fc.integer({ min: 1, max: 80 }) }) },
  { weight: 1, arbitrary: fc.record({ dies: fc.nat(10) }) },
);

it('any order of events, timers and deaths of threads comes to what one after the other does', async () => {
  const threads = watchThreads();
  const runtime = await db.start({ domain, shards: 2 });
  const meters = runtime.aggregate(meter);
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { minLength: 5, maxLength: 40 }), async (story) => {
      const run = `r${runs++}`;
      const sums = new Map<string, number>();
      for (const next of story) {
        if ('passMs' in next) await new Promise((resolve) => setTimeout(resolve, next.passMs));
        else if ('dies' in next) await [...threads][next.dies % threads.size]?.terminate();
        else {
          const id = `${run}-${next.meter}`;
          sums.set(id, (sums.get(id) ?? 0) + next.by);
          const idempotencyKey = `${id}-${sums.get(id)}`;
          const reading = { type: 'read', data: { by: next.by } } as const;
          // Whoever is not told what became of it sends it again.
          await eventually(() => meters.send(id, reading, { idempotencyKey }));
        }
      }
      for (const [id, sum] of sums) {
        const { context, commands } = await runtime
          .saga(metering)
          .waitFor(id, (at) => (at.context as { charged: number }).charged === sum, {
            timeoutMs: 20_000,
          });
        expect(context).toMatchObject({ open: 0, charged: sum });
        // All of it has been charged, and no reading twice.
        await eventually(async () => expect(await charged(id)).toBe(sum));
        expect(Object.keys(commands).length).toBeLessThanOrEqual(1);
      }
    }),
    { numRuns: 12 },
  );

  async function charged(id: string): Promise<number> {
    let sum = 0;
    for await (const { data } of runtime.aggregate(bill).events(id))
      sum += (data as { by: number }).by;
    return sum;
  }
}, 300_000);
