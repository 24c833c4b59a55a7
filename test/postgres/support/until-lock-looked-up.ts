import { eventually } from '../../support/eventually.js';
import type { ServerProxy } from './proxy.js';

/** Resolves when a reader behind this proxy has asked so many times who holds the append lock. */
export async function untilLockLookedUp(proxy: ServerProxy, times: number): Promise<void> {
  let count = 0;
  proxy.takeFrames();
  const look = () => {
    const frames = proxy.takeFrames();
    count += frames.filter(({ bytes }) => bytes.includes('troupe_append_lock_holders')).length;
    if (count < times) throw new Error(`the append lock was looked up ${count} times`);
  };
  await eventually(look);
}
