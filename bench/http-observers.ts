import { Agent, get, request } from 'node:http';
import type { ServerProcess } from './http-process.js';
import { openLoop } from './open-loop.js';
import { note } from './server.js';
import { median, rounded } from './statistics.js';

/** Commands per second by POST, whatever the answers do: about half of what one server takes. */
const PER_SECOND = 2000;
const SECONDS = 4;
const ROUNDS = 7;
const SCRAPE_MS = 1000;
const IDS = 1000;
const agent = new Agent({ keepAlive: true, maxSockets: 100 });

/** What a server costs that is watched, as a share of what the same server costs under the same load. */
export interface ObserverCost {
  /** One client of the live changes, and a scrape of the metrics and of the shards each second. */
  readonly observerCpuRatio: number;
  /** One client that is sent each event of the log. */
  readonly logFollowerCpuRatio: number;
  readonly observedCommandsPerSecond: number;
}

/** Rounds without anybody, with observers and with a follower of the log, one after the other. */
export async function observerCost(server: ServerProcess, url: string): Promise<ObserverCost> {
  const cost = { alone: [] as number[], observed: [] as number[], followed: [] as number[] };
  await cpuOfRound(server, url, () => []); // warm-up
  for (let round = 1; round <= ROUNDS; round++) {
    // In turn each is the first of a round: what comes later runs hotter code on a larger log.
    for (let turn = 0; turn < WATCHES.length; turn++) {
      const [kind, watch] = WATCHES[(round + turn) % WATCHES.length] as (typeof WATCHES)[number];
      cost[kind].push(await cpuOfRound(server, url, watch));
    }
    const [alone = 1, observed = 1, followed = 1] = Object.values(cost).map((one) => one.at(-1));
    note(
      `round ${round}: ${rounded(alone)} ms alone, observed x ${rounded(observed / alone)}, log followed x ${rounded(followed / alone)}`,
    );
  }
  return {
    observerCpuRatio: rounded(ratioOf(cost.observed, cost.alone)),
    logFollowerCpuRatio: rounded(ratioOf(cost.followed, cost.alone)),
    observedCommandsPerSecond: PER_SECOND,
  };
}

const WATCHES = [
  ['alone', () => []],
  ['observed', observe],
  ['followed', follow],
] as const satisfies readonly (readonly [string, Watch])[];

function ratioOf(those: readonly number[], base: readonly number[]): number {
  return median(those.map((one, i) => one / (base[i] ?? one)));
}

type Watch = (url: string) => readonly (() => void)[];

/** Milliseconds of CPU that the server took. */
async function cpuOfRound(server: ServerProcess, url: string, watch: Watch): Promise<number> {
  const ends = watch(url);
  const before = await server.cpuMs();
  await openLoop({
    ...{ perSecond: PER_SECOND, seconds: SECONDS, warmUpSeconds: 0 },
    send: (index) => post(url, index),
  });
  const after = await server.cpuMs();
  for (const end of ends) end();
  return after - before;
}

function post(url: string, index: number): Promise<void> {
  const body = JSON.stringify({ amount: (index % 500) + 1, reference: `payment ${index}` });
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': body.length };
    const path = `${url}/api/account/account-${index % IDS}/deposit`;
    const asked = request(path, { agent, method: 'POST', headers }, (answer) => {
      if (answer.statusCode !== 200) reject(new Error(`${path}: ${answer.statusCode}`));
      answer.resume().on('end', resolve);
    });
    asked.on('error', reject).end(body);
  });
}

function observe(url: string): readonly (() => void)[] {
  const scrape = (): void => {
    for (const path of ['/metrics', '/inspect/shards'])
      get(`${url}${path}`, { agent }, (answer) => answer.resume());
  };
  const timer = setInterval(scrape, SCRAPE_MS);
  return [openStream(`${url}/inspect/live`), () => clearInterval(timer)];
}

function follow(url: string): readonly (() => void)[] {
  return [openStream(`${url}/inspect/events/live`)];
}

/** A client of server-sent events that takes all there is. */
function openStream(url: string): () => void {
  const asked = get(url, (answer) => answer.resume());
  asked.on('error', () => undefined); // it is ended from this side
  return () => asked.destroy();
}
