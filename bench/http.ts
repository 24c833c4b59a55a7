import autocannon from 'autocannon';
import { observerCost } from './http-observers.js';
import { ServerProcess } from './http-process.js';
import { benchServer, dropSchema, note, settingsOf } from './server.js';
import { median, rounded } from './statistics.js';

const SCHEMA = 'bench_http';
const CONNECTIONS = 100;
const WARM_UP_SECONDS = 2;
const SECONDS = 5;
const IDS = 1000;

/**
 * Commands per second by POST beside a bare hono echo of the same bodies, checked by the same schema. This
 * process is the load; each server has one of its own. Both servers stay up, and rounds alternate. Then what
 * it costs to be watched.
 */
export async function httpBench({ rounds }: { readonly rounds: number }): Promise<object> {
  const database = await benchServer();
  await dropSchema(database.url, SCHEMA);
  const echo = new ServerProcess('echo', database.url, SCHEMA);
  const troupe = new ServerProcess('troupe', database.url, SCHEMA);
  try {
    const urls = { echo: await echo.url(), troupe: await troupe.url() };
    const figures = await measure(urls, rounds);
    const observers = await observerCost(troupe, urls.troupe);
    const [echoPerSecond, httpCommandsPerSecond] = [median(figures.echo), median(figures.troupe)];
    return {
      echoPerSecond: rounded(echoPerSecond),
      httpCommandsPerSecond: rounded(httpCommandsPerSecond),
      httpRatio: rounded(median(figures.troupe.map((one, i) => one / (figures.echo[i] ?? one)))),
      ...observers,
      settings: { ...(await settingsOf(database.url)), rounds, connections: CONNECTIONS, ids: IDS },
    };
  } finally {
    await Promise.all([echo.stop(), troupe.stop()]);
    await dropSchema(database.url, SCHEMA);
    await database.stop();
  }
}

async function measure(
  urls: { readonly echo: string; readonly troupe: string },
  rounds: number,
): Promise<{ readonly echo: number[]; readonly troupe: number[] }> {
  const figures = { echo: [] as number[], troupe: [] as number[] };
  await requestsPerSecond(urls.echo, WARM_UP_SECONDS);
  await requestsPerSecond(urls.troupe, WARM_UP_SECONDS);
  for (let round = 1; round <= rounds; round++) {
    figures.echo.push(await requestsPerSecond(urls.echo, SECONDS));
    figures.troupe.push(await requestsPerSecond(urls.troupe, SECONDS));
    const [echo = 0, troupe = 0] = [figures.echo.at(-1), figures.troupe.at(-1)];
    note(`round ${round}: echo ${rounded(echo)}/s, commands ${rounded(troupe)}/s`);
  }
  return figures;
}

async function requestsPerSecond(url: string, seconds: number): Promise<number> {
  const result = await autocannon({
    ...{ url, connections: CONNECTIONS, duration: seconds, method: 'POST' },
    headers: { 'content-type': 'application/json' },
    requests: Array.from({ length: IDS }, (_, i) => ({
      path: `/api/account/account-${i}/deposit`,
      body: JSON.stringify({ amount: (i % 500) + 1, reference: `payment ${i}` }),
    })),
  });
  const { errors, timeouts, non2xx } = result;
  if (errors + timeouts + non2xx > 0)
    throw new Error(`${url}: ${errors} errors, ${timeouts} timeouts, ${non2xx} answers not 2xx`);
  return result['2xx'] / result.duration;
}
