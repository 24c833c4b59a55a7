import { readPositionsStatement } from './census.js';
import { readIndexStatement } from './indexes.js';
import {
  askRetryStatement,
  listParkedStatement,
  nextRequestStatement,
  parkedChangedStatement,
  parkedStreamsStatement,
  parkNextStatement,
  parkStatement,
  reachedStatement,
  resolveStatement,
  retryFailedStatement,
  waitingStatement,
} from './parked.js';
import { type Statement, withoutName } from './statement.js';
import {
  advanceStatement,
  checkpointAtStatement,
  claimStatement,
  failSubscriptionStatement,
  listSubscriptionsStatement,
  lockSubscriptionStatement,
  noteDeathStatement,
  pauseSubscriptionStatement,
  progressStatement,
  readWantedStatement,
  registerSubscriptionStatement,
  releaseStatement,
  renewStatement,
  resumeSubscriptionStatement,
  stopSubscriptionStatement,
  yieldStatement,
} from './subscriptions.js';

/** All statements of subscriptions for one schema, quoted; without names for sessions that keep nothing. */
export function subscriptionStatements(
  schema: string,
  named: boolean,
): ReturnType<typeof namedStatements> {
  const all = namedStatements(schema);
  if (named) return all;
  const entries = Object.entries(all as unknown as Record<string, Statement<never, unknown>>);
  // Each keeps its own type; the compiler loses it on the way through the entries.
  return Object.fromEntries(
    entries.map(([name, statement]) => [name, withoutName(statement)]),
  ) as unknown as ReturnType<typeof namedStatements>;
}

function namedStatements(schema: string) {
  const eventsAt = readPositionsStatement(schema);
  return {
    advance: advanceStatement(schema),
    askRetry: askRetryStatement(schema),
    checkpointAt: checkpointAtStatement(schema),
    claim: claimStatement(schema),
    eventAt: { config: (position: number) => eventsAt.config([position]), read: eventsAt.read },
    fail: failSubscriptionStatement(schema),
    list: listSubscriptionsStatement(schema),
    listParked: listParkedStatement(schema),
    lock: lockSubscriptionStatement(schema),
    nextRequest: nextRequestStatement(schema),
    noteDeath: noteDeathStatement(schema),
    park: parkStatement(schema),
    parkedChanged: parkedChangedStatement(schema),
    parkedStreams: parkedStreamsStatement(schema),
    parkNext: parkNextStatement(schema),
    pause: pauseSubscriptionStatement(schema),
    progress: progressStatement(schema),
    reached: reachedStatement(schema),
    readCommands: readIndexStatement(schema, 'commands'),
    readCorrelations: readIndexStatement(schema, 'correlations'),
    readWanted: readWantedStatement(schema),
    register: registerSubscriptionStatement(schema),
    release: releaseStatement(schema),
    renew: renewStatement(schema),
    resolve: resolveStatement(schema),
    resume: resumeSubscriptionStatement(schema),
    retryFailed: retryFailedStatement(schema),
    stop: stopSubscriptionStatement(schema),
    waiting: waitingStatement(schema),
    yield: yieldStatement(schema),
  };
}
