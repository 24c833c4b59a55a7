import { linkTo } from '../../app/place.js';
import type { ActorInside, ParkedEvent } from '../../data/answers.js';
import { duration } from '../../format/times.js';
import { counted, type Tone } from '../../format/words.js';

/** Why an actor does what it does, in a sentence; `bad` and `warn` where it does not get on. */
export interface Diagnosis {
  readonly tone: Tone;
  readonly text: string;
  /** Where something may be done about it. */
  readonly href?: string;
}

type AtWork = NonNullable<NonNullable<ActorInside['live']>['atWork']>;

/** Work that takes longer is worth a word. Milliseconds. */
const LONG_MS = 1000;
/** Answers by which it is told how fast it gets on. */
const MOST_PACED = 10;

/** Reads from what is known of an actor why it is stuck, or that it is not. The gravest reason comes first. */
export function diagnose(actor: ActorInside): readonly Diagnosis[] {
  const reasons = [
    ...silence(actor),
    ...quarantine(actor),
    ...backOff(actor),
    ...work(actor),
    ...parked(actor),
  ];
  return reasons.length > 0 ? reasons : [calm(actor)];
}

function silence({ status, shard, running }: ActorInside): readonly Diagnosis[] {
  if (status !== 'unknown') return [];
  const what = running
    ? `it is in ${running.type} of ${running.aggregate}/${running.id}, which does not end`
    : 'nothing is known of what it does';
  return [{ tone: 'bad', text: `Shard ${shard} shows no sign of life: ${what}.` }];
}

function quarantine({ quarantine: set }: ActorInside): readonly Diagnosis[] {
  if (!set) return [];
  return [
    { tone: 'bad', text: `Commands are refused: ${set.who} put it in quarantine: ${set.why}.` },
  ];
}

function backOff({ status, live, lastError }: ActorInside): readonly Diagnosis[] {
  if (status !== 'backingOff') return [];
  const why =
    live && live.failures > 0
      ? `its decider failed ${counted(live.failures, 'time')} in a row${lastError ? ` (${lastError.code}: ${lastError.message})` : ''}`
      : live && live.blocked > 0
        ? `a stranger holds a lock on its stream (${counted(live.blocked, 'time')})`
        : 'others write to its stream';
  return [{ tone: 'warn', text: `It waits before it tries again: ${why}.` }];
}

/** The age of a command is counted from when it came: it may have waited for most of it. */
function work({ live, commands }: ActorInside): readonly Diagnosis[] {
  const atWork = live?.atWork;
  if (!live || !atWork || atWork.ageMs < LONG_MS) return [];
  const waiting = live.mailbox.commands;
  const behind =
    waiting > 0
      ? ` ${counted(waiting, 'command')} ${waiting === 1 ? 'waits' : 'wait'} behind it.${pace(commands)}`
      : '';
  const what =
    atWork.phase === 'deciding'
      ? deciding(atWork)
      : `The log is taking its events of ${atWork.type}, which came ${duration(atWork.ageMs)} ago`;
  return [{ tone: 'warn', text: `${what}.${behind}` }];
}

/** How fast it gets on, by its last answers, of which the newest comes first. */
function pace(commands: ActorInside['commands']): string {
  const last = commands.slice(0, MOST_PACED);
  const [newest, oldest] = [last[0], last.at(-1)];
  if (!newest || !oldest || last.length < 3) return '';
  const apart = Math.max(0, newest.at - oldest.at) / (last.length - 1);
  return ` Its last ${last.length} answers came ${duration(apart)} apart.`;
}

/** A command that has waited long may have been decided for a moment only: then both are told. */
function deciding({ type, ageMs, decidingMs }: AtWork): string {
  const came = `which came ${duration(ageMs)} ago`;
  if (decidingMs === undefined) return `Its decider is at ${type}, ${came}`;
  const here = `Its decider has been at ${type} for ${duration(decidingMs)}`;
  return ageMs - decidingMs < LONG_MS ? here : `${here}, ${came}`;
}

function parked({ subscriptions }: ActorInside): readonly Diagnosis[] {
  return subscriptions.flatMap(({ subscription, parked: event }) =>
    event
      ? [
          {
            tone: 'warn' as const,
            text: `It is parked in ${subscription} at ${event.type} (version ${event.version}): ${event.error?.message ?? 'no reason is known'}.`,
            href: letterOf(event),
          },
        ]
      : [],
  );
}

/** Where the event stands at which a subscription waits with its stream. */
export function letterOf({ subscription, aggregate, id }: ParkedEvent): string {
  return linkTo(['dead-letters'], { subscription, aggregate, id });
}

function calm({ status, live, stream, commands }: ActorInside): Diagnosis {
  const well = (text: string): Diagnosis => ({ tone: 'ok', text });
  if (stream.version === 0 && !live)
    return well('There are no events of it: it does not exist yet.');
  if (status === 'notLive') return well('It is not in memory. The next command loads it.');
  if (status === 'passivating') return well('It has left memory; its snapshot is being written.');
  if (status === 'recovering') return well('It is being loaded.');
  const { commands: waiting, headAgeMs } = live?.mailbox ?? { commands: 0, headAgeMs: 0 };
  if (waiting === 0) return well('It is not stuck: no command waits.');
  return {
    tone: headAgeMs < LONG_MS ? 'ok' : 'warn',
    text: `It works through its mailbox: ${counted(waiting, 'command')} waiting, the first for ${duration(headAgeMs)}.${pace(commands)}`,
  };
}
