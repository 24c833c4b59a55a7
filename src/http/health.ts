import { within } from '../internal/within.js';
import type { Reply } from './reply.js';
import { json, type Route, type RouteSetup } from './routes.js';

/** A database that takes longer than this is not one that a command can be sent to. */
const DATABASE_MS = 1000;

/** For whoever starts, restarts and routes to this process. */
export function healthRoutes(setup: RouteSetup): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/health/live',
      target: () => ({ kind: 'health' }),
      // That it is answered is the answer.
      handle: () => json({ status: 'live' }),
    },
    {
      method: 'GET',
      path: '/health/ready',
      target: () => ({ kind: 'health' }),
      handle: () => ready(setup),
    },
  ];
}

/** Does it take commands: is it active, does a shard run, does the database answer? */
async function ready({ runtime }: RouteSetup): Promise<Reply> {
  const { role } = runtime.ownership;
  const [database, conditions] = await Promise.all([databaseAnswers(runtime), shards(runtime)]);
  const isReady = role === 'active' && database && conditions.includes('running');
  const checks = { role, database: database ? 'reachable' : 'unreachable', shards: conditions };
  return json({ status: isReady ? 'ready' : 'notReady', ...checks }, isReady ? 200 : 503);
}

async function shards(runtime: RouteSetup['runtime']): Promise<readonly string[]> {
  return (await runtime.metrics()).shards.map(({ condition }) => condition);
}

/** Reads past the end of the log. */
async function databaseAnswers(runtime: RouteSetup['runtime']): Promise<boolean> {
  let answered = false;
  const past = runtime.events({ after: Number.MAX_SAFE_INTEGER - 1, pageSize: 1 });
  const asked = past.next().then(() => {
    answered = true;
  });
  await within(DATABASE_MS, asked);
  return answered;
}
