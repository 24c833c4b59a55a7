import type { CommandMessage } from '../messages/command.js';
import { flatCommands, type ToShard } from './protocol.js';

/** So much of its answers is taken before a shard hears of it without a command to go along. Bytes. */
const TAKEN_STEP = 1024 * 1024;

/** What the next messages to a shard will carry. */
export class Outbox {
  /** In the order in which they were sent; not all go with one message. */
  commands: CommandMessage[] = [];
  aborts: { aggregate: string; id: string; ref: number }[] = [];
  /** Bytes of answers that were taken. */
  takenBytes = 0;

  /** Whether the shard waits for what is in here. */
  get isPressing(): boolean {
    return this.takenBytes >= TAKEN_STEP || this.commands.length > 0;
  }

  /** Drops commands that are not to be sent after all. */
  without(unsent: readonly CommandMessage[]): void {
    const gone = new Set(unsent);
    this.commands = this.commands.filter((waiting) => !gone.has(waiting));
  }

  /** The next message: as many commands as there is room for, and everything else. */
  take(room: number): { -readonly [K in keyof ToShard]: ToShard[K] } {
    const message: { -readonly [K in keyof ToShard]: ToShard[K] } = {};
    if (this.commands.length > 0 && room > 0)
      message.commands = flatCommands(this.commands.splice(0, room));
    if (this.aborts.length > 0) message.aborts = this.aborts;
    if (this.takenBytes > 0) message.taken = this.takenBytes;
    this.aborts = [];
    this.takenBytes = 0;
    return message;
  }
}
