import { onTestFinished } from 'vitest';
import type { Answer } from '../../../src/messages/answer.js';
import type { CommandMessage } from '../../../src/messages/command.js';
import { sliceOf } from '../../../src/messages/slice.js';
import { createMemoryStore } from '../../../src/store/memory-store.js';
import type { Reply } from '../../../src/threads/pending-calls.js';
import {
  type FromShard,
  type PlainNotice,
  readCommands,
  type ToShard,
  writeAnswer,
} from '../../../src/threads/protocol.js';
import { ShardClient } from '../../../src/threads/shard-client.js';
import type { LinkEvents, StartedShard } from '../../../src/threads/shard-link.js';
import { SlotWriter } from '../../../src/threads/shared-slots.js';
import { FaultyStore } from '../../support/faulty-store.js';

let lastRef = 0;

/** A command as it leaves the host. */
export function command(given: Partial<CommandMessage> = {}): CommandMessage {
  lastRef += 1;
  return {
    ref: lastRef,
    ...{ aggregate: 'tally', id: 'a', type: 'add', data: '{}', metadata: '{}' },
    ...{ commandId: `command-${lastRef}`, occurredAt: 0, deadline: Date.now() + 60_000, key: '' },
    ...{ expectedVersion: undefined, wantsState: false, keepsAll: false, handovers: 0, ...given },
  };
}

/** One start of a shard, played by the test. */
export class PlayedShard {
  readonly posted: ToShard[] = [];
  /** Whether it stops when it is told to. */
  obeys = true;

  constructor(
    readonly start: StartedShard,
    private readonly events: LinkEvents,
  ) {}

  /** Commands that it was handed, in order. */
  get commands(): CommandMessage[] {
    const all: CommandMessage[] = [];
    for (const message of this.posted) readCommands(message.commands ?? [], (c) => all.push(c));
    return all;
  }

  says(message: FromShard): void {
    this.events.message(message);
  }

  answers(...answers: Answer[]): void {
    const list: unknown[] = [];
    const bytes = answers.reduce((sum, answer) => sum + writeAnswer(list, answer), 0);
    this.says({ answers: list, bytes });
  }

  /** Ends, in the middle of deciding `running` if that is given. */
  dies(running?: number): void {
    if (running !== undefined) new SlotWriter(this.start.slots).enter('decide', running);
    this.events.died(new Error('ended by the test'));
  }

  post(message: ToShard): void {
    this.posted.push(message);
    if (message.stop !== undefined && this.obeys) this.says({ stopped: true });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** The host's side of a shard whose threads are played by the test, on a log in memory. */
export function clientUnderTest(settings: { unknownAfterMs?: number } = {}) {
  const store = new FaultyStore(createMemoryStore());
  const shards: PlayedShard[] = [];
  const notices: PlainNotice['kind'][] = [];
  const client = new ShardClient(0, {
    ...{ store, clock: { now: Date.now }, maxInFlight: 1000, maxInFlightBytes: 1_000_000 },
    unknownAfterMs: settings.unknownAfterMs ?? 60_000,
    notice: ({ kind }) => notices.push(kind),
    answerEvents: (events) => events,
    stored: () => undefined,
    openLink(start, events) {
      const shard = new PlayedShard(start, events);
      shards.push(shard);
      return shard;
    },
  });
  onTestFinished(() => client.stop(0));
  const send = (message = command()) =>
    new Promise<Reply>((resolve) => client.send(message, resolve));
  /** Stores an event of a command, and that these keyed ones had none. */
  const append = (
    message: CommandMessage,
    version: number,
    keyed: readonly CommandMessage[] = [],
  ) => {
    const { aggregate, id, type, data, metadata, commandId, occurredAt } = message;
    const row = { aggregate, id, version, type, data, metadata, commandId, occurredAt };
    const rows = [{ ...row, slice: sliceOf(aggregate, id), schemaVersion: 1 }];
    const [at, rest] = [version - 1, { hash: '', rejection: undefined, keepMs: 60_000 }];
    const outcomes = keyed.map((it) => ({ ...it, ...rest, fromVersion: at, toVersion: at }));
    const batch = { rows, assertions: [], outcomes, lockTimeoutMs: 0 };
    return store.append(shards[0]!.start.writer, batch);
  };
  return { client, store, shards, notices, send, append };
}
