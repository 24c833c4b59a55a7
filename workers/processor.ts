import type { MessagePort } from 'node:worker_threads';
import { consumersOf } from '../src/projection/consumers.js';
import type { ProcessorTask } from '../src/threads/processor-protocol.js';
import { runProcessor } from '../src/threads/run-processor.js';

/** Entry of the processor thread: runs until it is told to stop. */
export default function processor({
  port,
  task,
}: {
  port: MessagePort;
  task: ProcessorTask;
}): Promise<void> {
  return runProcessor(port, task, consumersOf);
}
