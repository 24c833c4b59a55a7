import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { readTraces } from '../../../../examples/loans/xes/read-traces.js';
import type { XesErrorCode } from '../../../../examples/loans/xes/xes-error.js';
import type { XesTrace } from '../../../../examples/loans/xes/xes-trace.js';

let folder = '';
let files = 0;

/** Gives the tests of this file a folder of their own for `logFile`. */
export function useLogFiles(): void {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'troupe-xes-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
}

export async function logFile(content: string | Uint8Array, extension = '.xes'): Promise<string> {
  const path = join(folder, `${++files}${extension}`);
  await writeFile(path, content);
  return path;
}

/** A log whose first trace starts on line 2. */
export function log(...traces: string[]): string {
  return `<log>\n${traces.join('\n')}\n</log>\n`;
}

export function trace(name: string, ...events: string[]): string {
  return `<trace>\n<string key="concept:name" value="${name}"/>\n${events.join('\n')}\n</trace>`;
}

/** An event on one line. */
export function event(
  activity: string,
  timestamp = '2024-02-01T10:00:00+01:00',
  more = '',
): string {
  return `<event><string key="concept:name" value="${activity}"/><date key="time:timestamp" value="${timestamp}"/>${more}</event>`;
}

export async function tracesOf(path: string): Promise<XesTrace[]> {
  const traces: XesTrace[] = [];
  for await (const each of readTraces(path)) traces.push(each);
  return traces;
}

/** Expects that reading the file fails so; returns the message. */
export async function expectXesError(path: string, code: XesErrorCode, line?: number) {
  const error: unknown = await tracesOf(path).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({ name: 'XesError', code, path, line });
  return (error as Error).message;
}
