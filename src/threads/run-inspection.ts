import type { MessagePort } from 'node:worker_threads';
import { readDomain } from '../aggregate/domain.js';
import { Inspector } from '../inspection/inspector.js';
import { toPlainError } from '../messages/plain-error.js';
import { markDomainThread } from './domain-thread.js';
import type { FromInspection, InspectionTask, ToInspection } from './inspection-protocol.js';
import { openPostgresStore } from './open-store.js';
import { SlotWriter } from './shared-slots.js';

const BEAT_MS = 100;

/** What runs inside the inspection thread, from start to stop. */
export async function runInspection(port: MessagePort, task: InspectionTask): Promise<void> {
  const post = (message: FromInspection): void => port.postMessage(message);
  try {
    markDomainThread();
    const domain = readDomain((await import(task.domain)) as object, task.domain);
    const store = await openPostgresStore(task.store, domain.credentials);
    const { limits, freezeState } = task;
    const inspector = new Inspector({ domain, store, limits, freezeState });
    const slots = new SlotWriter(task.slots);
    slots.beat();
    const beats = setInterval(() => slots.beat(), BEAT_MS);
    await work(port, inspector, post);
    clearInterval(beats);
    await store.close();
    post({ stopped: true });
  } catch (error) {
    post({ failed: toPlainError(error) });
  } finally {
    port.close();
  }
}

/** Does jobs side by side, each a page at a time, until it is told to stop. */
function work(
  port: MessagePort,
  inspector: Inspector,
  post: (message: FromInspection) => void,
): Promise<void> {
  return new Promise((resolve) => {
    port.on('message', ({ ref, job, stop }: ToInspection) => {
      if (stop) return resolve();
      if (ref === undefined || !job) return;
      inspector.run(job).then(
        (result) => post({ ref, result }),
        (error: unknown) => post({ ref, failure: toPlainError(error) }),
      );
    });
  });
}
