import { account, check, crash, deposit, grant, open, withdraw } from '../../support/account.js';
import { turns } from '../../support/settling.js';
import type { ShardUnderTest } from '../../support/shard-under-test.js';
import type { ShardsFixture } from '../../support/use-shards.js';

/** One call of a run, and what happens after it. */
export interface Call {
  readonly shard: number;
  readonly id: number;
  readonly type: 'grant' | 'deposit' | 'withdraw' | 'check' | 'crash' | 'open' | 'state';
  readonly cents: number;
  readonly key: number | undefined;
  readonly expectedVersion: number | undefined;
  readonly timeoutMs: number;
  readonly abortAfter: number | undefined;
  readonly next: 'nothing' | 'turn' | 'settle' | 'time' | 'foreign' | 'idle';
}

/** Where it runs. */
export interface Scene {
  readonly shards: ShardsFixture;
  readonly both: readonly ShardUnderTest[];
  readonly ids: readonly string[];
}

/** A call with its answer. */
export interface Done {
  readonly call: Call;
  readonly id: string;
  readonly commandId: string;
  readonly key: string | undefined;
  readonly result: PromiseSettledResult<unknown>;
}

let commands = 0;

/** Makes all calls, and waits until each of them is answered. */
export async function performAll(scene: Scene, calls: readonly Call[]): Promise<Done[]> {
  const under: Promise<Done>[] = [];
  for (const call of calls) {
    under.push(perform(scene, call));
    await afterwards(scene, call, under);
  }
  const ticking = setInterval(() => scene.both.forEach((one) => void one.tick()), 20);
  try {
    return await Promise.all(under);
  } finally {
    clearInterval(ticking);
  }
}

async function perform({ both, ids }: Scene, call: Call): Promise<Done> {
  const { timeoutMs, expectedVersion, abortAfter } = call;
  const one = both[call.shard] as ShardUnderTest;
  const accounts = one.client(account);
  const id = ids[call.id] as string;
  commands += 1;
  const commandId = `command-${commands}`;
  const key =
    call.key === undefined || call.type === 'state'
      ? undefined
      : `key-${call.key}-${call.type}-${call.cents}`;
  const abort = new AbortController();
  if (abortAfter !== undefined) void turns(abortAfter).then(() => abort.abort());
  const options = {
    ...{ commandId, timeoutMs, signal: abort.signal },
    ...(key !== undefined && { idempotencyKey: key }),
    ...(expectedVersion !== undefined && { expectedVersion }),
  };
  const sent: Promise<unknown> =
    call.type === 'state'
      ? accounts.state(id, { timeoutMs })
      : accounts.send(id, commandOf(call), options);
  const [result] = await Promise.allSettled([sent]);
  return { call, id, commandId, key, result: result as PromiseSettledResult<unknown> };
}

function commandOf({ type, cents }: Call) {
  switch (type) {
    case 'grant':
      return grant(cents);
    case 'deposit':
      return deposit(cents);
    case 'withdraw':
      return withdraw(cents);
    case 'crash':
      return crash;
    case 'open':
      return open;
    default:
      return check;
  }
}

async function afterwards(
  scene: Scene,
  call: Call,
  under: readonly Promise<Done>[],
): Promise<void> {
  const one = scene.both[call.shard] as ShardUnderTest;
  switch (call.next) {
    case 'nothing':
      return;
    case 'turn':
      return turns(2);
    case 'settle':
      return void (await under.at(-1));
    case 'time':
      one.clock.advance(600);
      return one.tick();
    case 'idle':
      one.clock.advance(2000);
      one.tick();
      return one.tick(Number.MAX_SAFE_INTEGER);
    case 'foreign': {
      const id = scene.ids[call.id] as string;
      const { length } = await scene.shards.log(id);
      // Somebody else may be faster, and then it was not to be.
      return scene.shards.insert(id, length + 1, { commandId: 'foreign' }).catch(() => undefined);
    }
  }
}
