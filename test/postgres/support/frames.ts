/** One message of the PostgreSQL protocol: its type (empty for the first one of a client) and bytes. */
export interface Frame {
  readonly type: string;
  readonly bytes: Buffer;
}

/** Cuts a stream of bytes into messages. A client's first message has no type. */
export class FrameReader {
  private rest: Buffer = Buffer.alloc(0);

  constructor(private untyped: boolean) {}

  push(chunk: Buffer): Frame[] {
    this.rest = Buffer.concat([this.rest, chunk]);
    const frames: Frame[] = [];
    for (;;) {
      const header = this.untyped ? 0 : 1;
      if (this.rest.length < header + 4) return frames;
      const end = header + this.rest.readInt32BE(header);
      if (this.rest.length < end) return frames;
      frames.push({
        type: this.rest.toString('latin1', 0, header),
        bytes: this.rest.subarray(0, end),
      });
      this.rest = this.rest.subarray(end);
      this.untyped = false;
    }
  }
}
