import type { ActorInside } from '../../data/answers.js';
import { duration } from '../../format/times.js';
import { counted, type Tone } from '../../format/words.js';

/** Why an actor does what it does, in a sentence; `bad` and `warn` where it does not get on. */
export interface Diagnosis {
  readonly tone: Tone;
  readonly text: string;
}

type AtWork = NonNullable<NonNullable<ActorInside['live']>['atWork']>;

/** Work that takes longer is worth a word. Milliseconds. */
const LONG_MS = 1000;

/** Reads from what is known of an actor why it is stuck, or that it is not. The gravest reason comes first. */
export function diagnose(actor: ActorInside): readonly Diagnosis[] {
  const reasons = [
    ...silence(actor),
    ...quarantine(actor),
    ...backOff(actor),
    ...work(actor),
    ...parked(actor),
  ];
  return reasons.length > 0 ? reasons : [{ tone: 'ok', text: calm(actor) }];
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

function work({ live }: ActorInside): readonly Diagnosis[] {
  const atWork = live?.atWork;
  if (!live || !atWork || atWork.ageMs < LONG_MS) return [];
  const waiting = live.mailbox.commands;
  const behind =
    waiting > 0
      ? ` ${counted(waiting, 'command')} ${waiting === 1 ? 'waits' : 'wait'} behind it.`
      : '';
  const age = duration(atWork.ageMs);
  if (atWork.phase === 'deciding') return [{ tone: 'warn', text: `${deciding(atWork)}.${behind}` }];
  return [
    {
      tone: 'warn',
      text: `Its events of ${atWork.type} have been on their way into the log for ${age}: the database holds it up.${behind}`,
    },
  ];
}

/** A command that has waited long may have been decided for a moment only: then both are told. */
function deciding({ type, ageMs, decidingMs = ageMs }: AtWork): string {
  const here = `Its decider has been at ${type} for ${duration(decidingMs)}`;
  return ageMs - decidingMs < LONG_MS ? here : `${here}, which came ${duration(ageMs)} ago`;
}

function parked({ subscriptions }: ActorInside): readonly Diagnosis[] {
  return subscriptions.flatMap(({ subscription, parked: event }) =>
    event
      ? [
          {
            tone: 'warn' as const,
            text: `It is parked in ${subscription} at ${event.type} (version ${event.version}): ${event.error?.message ?? 'no reason is known'}.`,
          },
        ]
      : [],
  );
}

function calm({ status, live, stream }: ActorInside): string {
  if (stream.version === 0 && !live) return 'There are no events of it: it does not exist yet.';
  if (status === 'notLive') return 'It is not in memory. The next command loads it.';
  if (status === 'passivating') return 'It has left memory; its snapshot is being written.';
  if (status === 'recovering') return 'It is being loaded.';
  const waiting = live?.mailbox.commands ?? 0;
  return waiting > 0
    ? `It works through its mailbox: ${counted(waiting, 'command')} waiting, the first for ${duration(live?.mailbox.headAgeMs)}.`
    : 'It is not stuck: no command waits.';
}
