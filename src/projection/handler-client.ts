import type { Handler } from './handler.js';
import { type Operate, operateOn, type RebuildOptions } from './operate.js';

/** Has a handler run again. */
export class HandlerClient {
  constructor(
    private readonly handler: Handler,
    private readonly operate: Operate | undefined,
  ) {}

  /**
   * Hands it again what it has handled, in order, after a position (default: from the first event on) up to
   * its checkpoint, which stays. `context.key` and the keys of its commands are the same as they were: a
   * command whose outcome is still kept has no second effect. Throws `NotSupported` unless its definition
   * says `replayable: true`; rejects with what it throws, and `onProgress` has told how far it came.
   */
  async replay({
    after = 0,
    ...options
  }: RebuildOptions & { readonly after?: number } = {}): Promise<void> {
    await operateOn(this.handler.name, this.operate, { kind: 'replay', after }, options);
  }
}
