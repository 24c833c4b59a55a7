import type { Domain } from '../aggregate/domain.js';
import type { Consumer } from '../dispatcher/subscription.js';
import { systemClock } from '../internal/clock.js';
import type { Dispatch } from '../messages/answer.js';
import { type ReaderParts, sendVia } from '../projection/consumers.js';
import type { Send } from '../projection/send.js';
import { aggregateTimers } from './aggregate-timers.js';
import { type OwnerParts, TimerOwner } from './timer-owner.js';
import type { TimerSource } from './timer-source.js';

/** What in a domain arms timers. Empty where nothing does: then nothing of timers runs. */
export function timerSources(domain: Pick<Domain, 'aggregates'>, send: Send): TimerSource[] {
  return [...domain.aggregates.values()].flatMap(
    (definition) => aggregateTimers(definition, send) ?? [],
  );
}

/** Who fires the timers of these sources, each while it is this process that runs its index. */
export function timerOwners(
  sources: readonly TimerSource[],
  parts: Omit<OwnerParts, 'source'>,
): TimerOwner[] {
  return sources.map((source) => new TimerOwner({ ...parts, source }));
}

/** The indexes of timers as subscriptions; with each comes who fires them. None on a log in memory, which has its own. */
export function timerConsumers(
  domain: Domain,
  { access, sending, clock = systemClock }: ReaderParts,
  dispatch: Dispatch,
  others: readonly TimerSource[],
): readonly Consumer[] {
  if (!access.checkpoints) return [];
  const send = sendVia(dispatch, domain, { sending, clock });
  const sources = [...timerSources(domain, send), ...others];
  const parts = { table: access.timers, clock: domain.clock ?? clock };
  return timerOwners(sources, parts).map(({ index }) => index);
}
