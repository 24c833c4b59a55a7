import { isUtf8 } from 'node:buffer';
import type { Readable } from 'node:stream';
import type { Call } from './call.js';
import { HttpError } from './http-error.js';

/**
 * The JSON of a request's body; one that a body parser before us has parsed is taken as it is, for its
 * stream can be read only once. Throws 413, 415 or 400. That it has to be called JSON keeps a page of a
 * stranger from sending it: browsers ask first, and are not answered.
 */
export async function readJson(call: Call, maxBytes: number): Promise<unknown> {
  const type = call.header('content-type') ?? '';
  if (!/^application\/(json|[\w.-]+\+json)\s*(;|$)/i.test(type))
    throw new HttpError(
      'UnsupportedMediaType',
      `The body has to be JSON: expected content-type application/json, got ${JSON.stringify(type)}`,
      { status: 415 },
    );
  const { incoming } = call;
  if (incoming?.readableDidRead && incoming.body !== undefined) return parsedBefore(incoming.body);
  const bytes = await readBytes(call, maxBytes);
  if (!isUtf8(bytes)) throw invalidBody('it is not UTF-8');
  return parse(bytes.toString());
}

function parsedBefore(body: unknown): unknown {
  if (Buffer.isBuffer(body)) return parse(body.toString());
  return typeof body === 'string' ? parse(body) : body;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalidBody(error instanceof Error ? error.message : String(error));
  }
}

async function readBytes(call: Call, maxBytes: number): Promise<Buffer> {
  if (Number(call.header('content-length')) > maxBytes) throw tooLarge(maxBytes);
  const { incoming } = call;
  try {
    // Node's own stream costs a fraction of the one that a Request makes of it.
    return await (incoming ? readIncoming(incoming, maxBytes) : readWeb(call.webBody, maxBytes));
  } catch (error) {
    if (error instanceof HttpError) throw error;
    throw invalidBody(`it ended too early (${String(error)})`);
  }
}

/** What is too much is read and dropped: who does not read while the other still writes is not heard. */
function readIncoming(incoming: Readable, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    incoming.on('data', (chunk: Buffer) => {
      bytes += chunk.byteLength;
      if (bytes <= maxBytes) chunks.push(chunk);
      else reject(tooLarge(maxBytes));
    });
    incoming.on('end', () =>
      resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)),
    );
    incoming.on('error', reject);
    incoming.on('close', () => {
      // Each body is closed once it was read; an error costs as much as all the rest of this.
      if (!incoming.readableEnded) reject(new Error('the connection was closed'));
    });
  });
}

async function readWeb(body: ReadableStream<Uint8Array> | null, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength;
    // Leaving the loop cancels the stream.
    if (bytes > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function tooLarge(maxBytes: number): HttpError {
  return new HttpError('BodyTooLarge', `The body is larger than ${maxBytes} bytes`, {
    status: 413,
  });
}

function invalidBody(why: string): HttpError {
  return new HttpError('InvalidBody', `The body cannot be read: ${why}`, {
    status: 400,
    errors: [{ pointer: '', message: why }],
  });
}
