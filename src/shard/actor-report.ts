import type { Actor } from '../actor/actor.js';
import { headAgeMs } from './actor-list.js';
import { stateOf } from './actor-state.js';
import type { GroupCommit } from './group-commit.js';
import type { ActorReport, BatchReport, CommandAtWork } from './questions.js';

/** What an actor is seen by. */
export interface Sight {
  readonly commit: GroupCommit;
  readonly isQuarantined: boolean;
  /** On the clock by which commands are received. */
  readonly now: number;
  /** Unix milliseconds. */
  readonly time: number;
}

/** One actor in memory, from inside. */
export function reportOf(actor: Actor, sight: Sight): ActorReport {
  const { mailbox, committed, version, uncommitted, bytes } = actor;
  const head = mailbox.peek();
  return {
    ...{ status: stateOf(actor, sight.isQuarantined), uncommitted, bytes },
    ...{ version: committed.version, position: committed.position, decidedVersion: version },
    mailbox: {
      commands: mailbox.size,
      headAgeMs: headAgeMs(actor, sight.now),
      ...(head && { head: head.message.type }),
    },
    atWork: atWork(actor, sight),
    recoveries: {
      count: actor.recoveries,
      lastMs: actor.recoveryMs,
      lastEvents: actor.recoveryEvents,
    },
    failures: actor.failures,
    blocked: actor.blocked,
    idleMs: actor.isIdle ? Math.max(0, sight.time - actor.idleSince) : undefined,
  };
}

/** The command that an actor has worked on for longest. */
function atWork(actor: Actor, { commit, now }: Sight): CommandAtWork | undefined {
  const isMine = (decision: { readonly actor: Actor }): boolean => decision.actor === actor;
  const decided = commit.inFlight.find(isMine) ?? commit.waiting.find(isMine);
  const command = actor.deciding ?? decided?.command;
  if (!command) return undefined;
  const { type, commandId } = command.message;
  return {
    ...{ type, commandId, attempts: command.attempts },
    phase: actor.deciding ? 'deciding' : 'committing',
    ageMs: msFrom(command.receivedAt, now),
    decidingMs: actor.deciding ? msFrom(actor.decidingSince, now) : undefined,
  };
}

/** What is on its way into the log. */
export function batchReport(decisions: GroupCommit['inFlight'], since: number): BatchReport {
  let [rows, bytes] = [0, 0];
  for (const decision of decisions) {
    rows += decision.rows.length;
    bytes += decision.bytes;
  }
  return {
    commands: decisions.length,
    rows,
    bytes,
    ageMs: msFrom(since, performance.now()),
  };
}

const msFrom = (since: number, now: number): number => Math.max(0, Math.round(now - since));
