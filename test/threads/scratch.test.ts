import { describe, expect, it, vi } from 'vitest';
import { noticesOf, shardsOf, watchThreads } from './support/inside.js';
import { useDatabase } from './support/use-database.js';
import { addTwo, exit, expectNoLostUpdate, tallyOf, throwLater, Workload } from './support/workload.js';
const db = useDatabase();
it('forgotten promise', async () => {
    const runtime = await db.start();
    const load = new Workload(tallyOf(runtime));
    const notices = noticesOf(runtime);
    const bad = load.send('x', () => ({ type: 'forgetPromise', data: { token: 'a', deaths: 1000 } }), {timeoutMs: 3000});
    for (let i = 0; i < 10; i++) void load.send('id' + i, undefined, {timeoutMs: 3000});
    await load.settled();
    console.log(notices.length, shardsOf(runtime)[0]!.restarts, load.sent.map(s => s.kind + (s.error?.message??'')));
}, 40000);
