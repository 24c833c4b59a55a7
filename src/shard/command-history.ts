import type { Actor } from '../actor/actor.js';
import type { QueuedCommand } from '../actor/queued-command.js';
import type { Answer } from '../messages/answer.js';
import { STATE_QUERY } from '../messages/command.js';
import type { CommandNote, ErrorNote } from './questions.js';

/*
 * What a shard remembers of commands that were answered, at the cost of a few stores for each: the last
 * 1024 of all actors, the last 256 refusals and failures, and, of an actor that somebody looks at, its own
 * last 50 for as long as it is looked at. Nothing is kept per actor otherwise.
 */
const SHARED = 1024;
const ERRORS = 256;
const WATCHED_COMMANDS = 50;
const WATCHED_ACTORS = 100;
/** Who looks at an actor asks again within this time. */
const WATCH_MS = 60_000;

interface Noted extends CommandNote {
  readonly key: string;
}

interface Watch {
  since: number;
  until: number;
  readonly commands: CommandNote[];
}

/** What is remembered of one actor. */
export interface Remembered {
  readonly commands: readonly CommandNote[];
  readonly watchedSince: number | undefined;
  readonly lastError: ErrorNote | undefined;
}

/** Time as commands are stamped with on their arrival. */
interface NoteClock {
  now(): number;
}

/** The last commands of a shard's actors. */
export class CommandHistory {
  // Columns, so that a note makes no object.
  private readonly keys: string[] = new Array<string>(SHARED).fill('');
  private readonly types: string[] = new Array<string>(SHARED).fill('');
  private readonly commandIds: string[] = new Array<string>(SHARED).fill('');
  private readonly outcomes: CommandNote['outcome'][] = new Array(SHARED).fill('accepted');
  private readonly codes: (string | undefined)[] = new Array(SHARED).fill(undefined);
  private readonly received = new Float64Array(SHARED);
  private readonly answered = new Float64Array(SHARED);
  private next = 0;
  private readonly errors: (ErrorNote & { readonly key: string })[] = [];
  private readonly watches = new Map<string, Watch>();

  constructor(private readonly clock: NoteClock) {}

  /** A command of an actor has its answer. */
  note(actor: Actor, { message, receivedAt }: QueuedCommand, answer: Answer): void {
    if (message.type === STATE_QUERY || answer.kind === 'state') return;
    const at = this.next;
    this.next = at + 1 === SHARED ? 0 : at + 1;
    this.keys[at] = actor.key;
    this.types[at] = message.type;
    this.commandIds[at] = message.commandId;
    this.outcomes[at] = answer.kind;
    this.codes[at] = answer.kind === 'accepted' ? undefined : codeOf(answer);
    this.received[at] = receivedAt;
    this.answered[at] = this.clock.now();
    if (answer.kind === 'refused' || answer.kind === 'failed')
      this.noteError(this.at(at), answer.message);
    if (this.watches.size > 0) this.noteWatched(actor.key, at);
  }

  /** What is known of an actor; from now on, and as long as somebody asks, more is kept of it. */
  look(key: string): Remembered {
    const watch = this.watches.get(key);
    const commands = watch?.commands.toReversed() ?? this.shared(key);
    const watchedSince = watch?.since;
    this.watch(key);
    const error = this.errors.findLast((note) => note.key === key);
    return { commands, watchedSince, lastError: error && withoutKey(error) };
  }

  /** Lets go of what nobody looks at any more; to be called now and then. */
  sweep(): void {
    const now = this.clock.now();
    for (const [key, { until }] of this.watches) if (until <= now) this.watches.delete(key);
  }

  private watch(key: string): void {
    const now = this.clock.now();
    const until = now + WATCH_MS;
    const known = this.watches.get(key);
    if (known) {
      known.until = until;
      return;
    }
    const [oldest] = this.watches.keys();
    if (this.watches.size >= WATCHED_ACTORS && oldest !== undefined) this.watches.delete(oldest);
    this.watches.set(key, { since: Date.now(), until, commands: this.shared(key).reverse() });
  }

  private noteWatched(key: string, at: number): void {
    const commands = this.watches.get(key)?.commands;
    if (!commands) return;
    commands.push(withoutKey(this.at(at)));
    if (commands.length > WATCHED_COMMANDS) commands.shift();
  }

  private noteError({ key, type, commandId, code = '', at }: Noted, message: string): void {
    this.errors.push({ key, type, commandId, code, message, at });
    if (this.errors.length > ERRORS) this.errors.shift();
  }

  /** Those of one actor among the last of all, newest first. */
  private shared(key: string): CommandNote[] {
    const found: CommandNote[] = [];
    for (let back = 1; back <= SHARED && found.length < WATCHED_COMMANDS; back++) {
      const at = (this.next - back + SHARED) % SHARED;
      if (this.keys[at] === key) found.push(withoutKey(this.at(at)));
    }
    return found;
  }

  private at(at: number): Noted {
    const answered = this.answered[at] ?? 0;
    return {
      key: this.keys[at] ?? '',
      type: this.types[at] ?? '',
      commandId: this.commandIds[at] ?? '',
      outcome: this.outcomes[at] ?? 'accepted',
      code: this.codes[at],
      durationMs: answered - (this.received[at] ?? 0),
      at: Math.round(performance.timeOrigin + answered),
    };
  }
}

function codeOf(answer: Exclude<Answer, { kind: 'accepted' | 'state' }>): string {
  if (answer.kind === 'rejected') return answer.rejection.code;
  return answer.kind === 'refused' ? answer.code : (answer.cause?.name ?? 'CommandFailed');
}

function withoutKey<Note extends { readonly key: string }>({ key: _key, ...note }: Note) {
  return note;
}
