import { isAscii } from 'node:buffer';
import { type FileHandle, open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';

const chunkBytes = 128 * 1024;

/**
 * The text of a file in chunks, unpacked if it is gzip (by its name or by its first two bytes).
 *
 * Reads on only when asked for more, and closes the file when the reader leaves.
 */
export async function* readText(path: string): AsyncGenerator<string, void, undefined> {
  const file = await open(path);
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const bytes = await byteStream(file, path);
  let mayHoldPart = false;
  for await (const chunk of bytes as AsyncIterable<Buffer>) {
    // ASCII needs no decoder, which would make strings of two bytes a character.
    if (!mayHoldPart && isAscii(chunk)) {
      yield chunk.toString('latin1');
      continue;
    }
    yield decoder.decode(chunk, { stream: true });
    mayHoldPart = (chunk.at(-1) ?? 0) >= 0x80;
  }
  yield decoder.decode();
}

async function byteStream(file: FileHandle, path: string): Promise<Readable> {
  try {
    const packed = path.endsWith('.gz') || (await startsLikeGzip(file));
    const raw = file.createReadStream({ start: 0, highWaterMark: chunkBytes });
    if (!packed) return raw;
    // The callback is only there to be one: an error of either stream ends the loop over the second.
    return pipeline(raw, createGunzip({ chunkSize: chunkBytes }), () => {});
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function startsLikeGzip(file: FileHandle): Promise<boolean> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
  return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
}
