import { type FileHandle, open } from 'node:fs/promises';
import type { CloudEvent } from '../client/cloud-event.js';
import type { Publisher } from './publisher.js';

const LINE_FEED = 0x0a;

/**
 * Appends events to a file, a line of JSON each: CloudEvents in NDJSON. A batch is on the disk when it
 * resolves. A line that a crash has cut off is removed at the next start, and its event comes again.
 * One process at a time may write to a file.
 *
 * @example
 * definePublication({ name: 'export', version: 1, on: [account], to: () => ndjsonFile('events.ndjson') });
 */
export function ndjsonFile(path: string): Publisher {
  let opening: Promise<FileHandle> | undefined;
  return {
    async publish(events) {
      opening ??= openWhole(path);
      const file = await opening.catch((error: unknown) => {
        opening = undefined; // the next batch tries again
        throw error;
      });
      await appendWhole(file, linesOf(events));
    },
    async close() {
      await (await opening)?.close();
      opening = undefined;
    },
  };
}

function linesOf(events: readonly CloudEvent[]): Buffer {
  return Buffer.from(events.map((event) => `${JSON.stringify(event)}\n`).join(''));
}

/** All of it or, as long as the process lives, nothing. */
async function appendWhole(file: FileHandle, lines: Buffer): Promise<void> {
  const { size } = await file.stat();
  try {
    for (let at = 0; at < lines.length; ) {
      const { bytesWritten } = await file.write(lines, at, lines.length - at, size + at);
      at += bytesWritten;
    }
    await file.datasync();
  } catch (error) {
    await file.truncate(size).catch(() => undefined);
    throw error;
  }
}

/** Opens the file and cuts off what follows its last whole line. */
async function openWhole(path: string): Promise<FileHandle> {
  // Not for appending: then Linux would not write where it is told.
  const file = await open(path, 'r+').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return open(path, 'wx+');
  });
  try {
    await file.truncate(await wholeLines(file));
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Bytes up to the end of the last whole line. */
async function wholeLines(file: FileHandle): Promise<number> {
  const buffer = Buffer.allocUnsafe(64 * 1024);
  let { size: end } = await file.stat();
  while (end > 0) {
    const start = Math.max(0, end - buffer.length);
    const { bytesRead } = await file.read(buffer, 0, end - start, start);
    const last = buffer.subarray(0, bytesRead).lastIndexOf(LINE_FEED);
    if (last >= 0) return start + last + 1;
    end = start;
  }
  return 0;
}
