import { describe, expect, it } from 'vitest';
import type { ActorInside, LiveActor, ParkedEvent } from '../../web/src/data/answers.js';
import { diagnose } from '../../web/src/pages/actor/diagnosis.js';

const LIVE: LiveActor = {
  ...{ status: 'busy', version: 3, position: 9, decidedVersion: 3, uncommitted: 0, bytes: 10 },
  ...{ failures: 0, blocked: 0, mailbox: { commands: 0, headAgeMs: 0 } },
  recoveries: { count: 1, lastMs: 1, lastEvents: 3 },
};
const ACTOR: ActorInside = {
  ...{ aggregate: 'account', id: 'mia', slice: 88, shard: 0, status: 'idle', live: LIVE },
  ...{ stream: { version: 3, position: 9 }, commands: [], subscriptions: [], timers: [] },
};
const work = { type: 'deposit', commandId: 'c', attempts: 1 };

describe('why an actor is stuck', () => {
  it.each<[string, Partial<ActorInside>, string]>([
    ['no work', {}, 'It is not stuck: no command waits.'],
    [
      'a short queue',
      { live: { ...LIVE, mailbox: { commands: 4, headAgeMs: 80, head: 'deposit' } } },
      'It works through its mailbox: 4 commands waiting, the first for 80 ms.',
    ],
    [
      'a slow decider',
      {
        live: {
          ...LIVE,
          atWork: { ...work, phase: 'deciding', ageMs: 36_000 },
          mailbox: { commands: 9, headAgeMs: 32_000 },
        },
      },
      'Its decider is at deposit, which came 36 s ago. 9 commands wait behind it.',
    ],
    [
      'a decider that others had to wait for',
      {
        live: {
          ...LIVE,
          atWork: { ...work, phase: 'deciding', ageMs: 7000, decidingMs: 900 },
          mailbox: { commands: 5, headAgeMs: 6000 },
        },
      },
      'Its decider has been at deposit for 900 ms, which came 7 s ago. 5 commands wait behind it.',
    ],
    [
      'a database that does not take it',
      { live: { ...LIVE, atWork: { ...work, phase: 'committing', ageMs: 3082 } } },
      'The log is taking its events of deposit, which came 3.1 s ago.',
    ],
    [
      'a decider that throws',
      {
        status: 'backingOff',
        live: { ...LIVE, failures: 2 },
        lastError: { type: 'deposit', commandId: 'c', code: 'TypeError', message: 'no', at: 1 },
      },
      'It waits before it tries again: its decider failed 2 times in a row (TypeError: no).',
    ],
    [
      "a stranger's lock",
      { status: 'backingOff', live: { ...LIVE, blocked: 1 } },
      'It waits before it tries again: a stranger holds a lock on its stream (1 time).',
    ],
    [
      'a quarantine',
      {
        status: 'quarantined',
        quarantine: { aggregate: 'account', id: 'mia', who: 'ada', why: 'odd', since: 1 },
      },
      'Commands are refused: ada put it in quarantine: odd.',
    ],
    [
      'a blocked shard',
      {
        status: 'unknown',
        live: undefined as never,
        running: { aggregate: 'account', id: 'ben', type: 'spin', commandId: 'c' },
      },
      'Shard 0 shows no sign of life: it is in spin of account/ben, which does not end.',
    ],
    [
      'a parked stream',
      {
        subscriptions: [
          {
            ...{ subscription: 'balances', state: 'live', position: 9, behind: 1 },
            parked: {
              type: 'opened',
              version: 1,
              error: { name: 'E', message: 'no' },
            } as ParkedEvent,
          },
        ],
      },
      'It is parked in balances at opened (version 1): no.',
    ],
    ['not in memory', { status: 'notLive' }, 'It is not in memory. The next command loads it.'],
  ])('%s is told', (_, given, text) => {
    expect(diagnose({ ...ACTOR, ...given }).map((it) => it.text)).toEqual([text]);
  });

  it('tells how far apart its last answers came, and minds a long queue', () => {
    const note = { ...work, outcome: 'accepted', durationMs: 7000 } as const;
    const [found] = diagnose({
      ...ACTOR,
      live: { ...LIVE, mailbox: { commands: 5, headAgeMs: 4600 } },
      commands: [9500, 8200, 7100].map((at) => ({ ...note, at })),
    });
    expect(found).toMatchObject({
      tone: 'warn',
      text: 'It works through its mailbox: 5 commands waiting, the first for 4.6 s. Its last 3 answers came 1.2 s apart.',
    });
  });

  it('names the gravest reason first', () => {
    const found = diagnose({
      ...ACTOR,
      quarantine: { aggregate: 'account', id: 'mia', who: 'ada', why: 'odd', since: 1 },
      live: { ...LIVE, atWork: { ...work, phase: 'deciding', ageMs: 5000 } },
    });
    expect(found.map(({ tone }) => tone)).toEqual(['bad', 'warn']);
  });
});
