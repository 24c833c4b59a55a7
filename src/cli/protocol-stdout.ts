import { Writable } from 'node:stream';

/**
 * Keeps stdout for one writer, which is returned: what else is printed, by the domain module or by one of its
 * threads, goes to stderr from then on. A single stray line would end the conversation.
 */
export function claimStdout(): Writable {
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = process.stderr.write.bind(process.stderr);
  return new Writable({
    decodeStrings: false,
    write(chunk: string | Uint8Array, _encoding, done) {
      write(chunk, done);
    },
  });
}
