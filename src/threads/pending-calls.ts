import type { Reply } from '../messages/answer.js';
import type { CommandMessage } from '../messages/command.js';

export type { Reply };

/** A command that is not answered yet. */
export interface PendingCall {
  message: CommandMessage;
  readonly settle: (reply: Reply) => void;
  readonly bytes: number;
  /** Milliseconds on the clock of the shard's telemetry. */
  readonly sentAt: number;
  /** Highest position known when it was sent: its events lie above. */
  readonly afterPosition: number;
  /** Incarnation of the server in which that position was seen. */
  readonly incarnation: string;
  /** Writer of the shard that it was handed to last. */
  writerId: number;
  /** Times its thread ended, and it alone can have been the cause. */
  suspicions: number;
}

/** Commands handed to one shard and not answered yet, in the order they were sent, with their bounds. */
export class PendingCalls {
  private readonly calls = new Map<number, PendingCall>();
  private bytes = 0;

  constructor(
    private readonly maxCalls: number,
    private readonly maxBytes: number,
    private readonly onSettled: (call: PendingCall, reply: Reply) => void = () => undefined,
  ) {}

  get size(): number {
    return this.calls.size;
  }

  /** False, and nothing is kept, if a bound is reached. */
  add(call: PendingCall): boolean {
    if (this.calls.size >= this.maxCalls || this.bytes + call.bytes > this.maxBytes) return false;
    this.calls.set(call.message.ref, call);
    this.bytes += call.bytes;
    return true;
  }

  get(ref: number): PendingCall | undefined {
    return this.calls.get(ref);
  }

  /** Settles a call; a second answer for it is ignored. */
  settle(ref: number, reply: Reply): void {
    const call = this.calls.get(ref);
    if (!call) return;
    this.calls.delete(ref);
    this.bytes -= call.bytes;
    this.onSettled(call, reply);
    call.settle(reply);
  }

  /** Settles as unknown whatever is not answered although its deadline passed before `before`. */
  giveUp(before: number): void {
    for (const call of this.calls.values()) {
      if (call.message.deadline < before) this.giveUpOn(call, 'it was not answered in time');
    }
  }

  giveUpOn({ message, writerId, afterPosition, incarnation }: PendingCall, reason: string): void {
    const { commandId, aggregate, id, key } = message;
    this.settle(message.ref, {
      kind: 'unknown',
      reason,
      command: { commandId, aggregate, id, key, writerId, afterPosition, incarnation },
    });
  }

  get oldest(): PendingCall | undefined {
    for (const call of this.calls.values()) return call;
    return undefined;
  }

  /**
   * The commands of all calls, oldest first, to be handed to another writer: all but the `unsent` ones
   * have been handed over once more.
   */
  readdress(unsent: ReadonlySet<CommandMessage>, writerId: number): CommandMessage[] {
    return this.all().map((call) => {
      if (!unsent.has(call.message))
        call.message = { ...call.message, handovers: call.message.handovers + 1 };
      call.writerId = writerId;
      return call.message;
    });
  }

  /** All but those with these messages, oldest first. */
  handed(unsent: readonly CommandMessage[]): PendingCall[] {
    const left = new Set(unsent);
    return this.all().filter(({ message }) => !left.has(message));
  }

  /** All calls, oldest first. */
  all(): PendingCall[] {
    return [...this.calls.values()];
  }
}
