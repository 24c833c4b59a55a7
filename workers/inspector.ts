import type { MessagePort } from 'node:worker_threads';
import type { InspectionTask } from '../src/threads/inspection-protocol.js';
import { runInspection } from '../src/threads/run-inspection.js';

/** Entry of the inspection thread: runs until it is told to stop. */
export default function inspector({
  port,
  task,
}: {
  port: MessagePort;
  task: InspectionTask;
}): Promise<void> {
  return runInspection(port, task);
}
