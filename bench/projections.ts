import { catchUp } from './catch-up.js';
import { localLag, remoteLag } from './lag.js';
import { benchServer, note, settingsOf } from './server.js';
import { rounded } from './statistics.js';
import { viewCost } from './view-cost.js';

/** Views: how fast they catch up, how far they are behind the log, and what they cost the commands. */
export async function projectionsBench(given: {
  readonly file: string | undefined;
  readonly rounds: number;
}): Promise<object> {
  const server = await benchServer();
  try {
    const { url } = server;
    const settings = await settingsOf(url);
    const caughtUp = await catchUp(url, given);
    const local = await localLag(url);
    note(`lag: p50 ${rounded(local.p50Ms)} ms, p99 ${rounded(local.p99Ms)} ms`);
    const remote = await remoteLag(url);
    note(`in a second process: p50 ${rounded(remote.p50Ms)} ms, p99 ${rounded(remote.p99Ms)} ms`);
    const cost = await viewCost(url, given.rounds);
    return {
      ...caughtUp,
      lagP50Ms: rounded(local.p50Ms),
      lagP99Ms: rounded(local.p99Ms),
      remoteLagP50Ms: rounded(remote.p50Ms),
      remoteLagP99Ms: rounded(remote.p99Ms),
      ...cost,
      settings,
    };
  } finally {
    await server.stop();
  }
}
