import { readText } from './text-source.js';
import { TraceAssembler } from './trace-assembler.js';
import { XesError, type XesErrorCode } from './xes-error.js';
import type { XesTrace } from './xes-trace.js';
import { XmlParser } from './xml-parser.js';

export interface ReadTracesOptions {
  /** A longer trace is refused, for traces are held whole in memory. Default 100 000. */
  readonly maxTraceEvents?: number;
}

/**
 * The traces of an XES file, `.xes` or `.xes.gz`, in file order.
 *
 * The file is read only as fast as traces are taken; in memory are one chunk of it and the trace under
 * way. Whatever is wrong with the file throws a `XesError` with its line, after the traces that end
 * before that line.
 */
export async function* readTraces(
  path: string,
  { maxTraceEvents = 100_000 }: ReadTracesOptions = {},
): AsyncGenerator<XesTrace, void, undefined> {
  const assembler = new TraceAssembler(path, maxTraceEvents);
  const parser = new XmlParser(path, assembler);
  try {
    for await (const text of readText(path)) {
      parser.write(text);
      yield* assembler.takeFinished();
    }
    parser.close();
  } catch (error) {
    yield* assembler.takeFinished();
    throw error instanceof XesError ? error : fileError(error, path, parser.line);
  }
}

const fileProblems = new Map<unknown, readonly [XesErrorCode, string]>([
  ['ENOENT', ['FILE_MISSING', 'there is no such file']],
  ['Z_BUF_ERROR', ['GZIP_TRUNCATED', 'the gzip file ends too early']],
  ['Z_DATA_ERROR', ['GZIP_CORRUPT', 'the gzip file is damaged']],
  ['ERR_ENCODING_INVALID_ENCODED_DATA', ['NOT_UTF8', 'the text is not UTF-8']],
]);

function fileError(cause: unknown, path: string, line: number): XesError {
  const reason = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  const [code, problem] = fileProblems.get(reason) ?? [
    'FILE_UNREADABLE',
    `cannot be read (${String(reason ?? cause)})`,
  ];
  const wasOpened = code !== 'FILE_MISSING' && code !== 'FILE_UNREADABLE';
  return new XesError(code, wasOpened ? { path, line } : { path }, problem, { cause });
}
