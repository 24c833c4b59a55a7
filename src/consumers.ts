import type { Domain } from './aggregate/domain.js';
import { stampSetup } from './client/stamp.js';
import type { Consumer } from './dispatcher/subscription.js';
import { systemClock } from './internal/clock.js';
import type { Dispatch } from './messages/answer.js';
import { askVia, type ReaderParts, readersOf } from './projection/consumers.js';
import { runsTimers, sagaTimers } from './saga/saga-timers.js';
import { sagasOf } from './saga/sagas.js';
import { timerConsumers } from './timers/timers.js';

/** Makes all consumers of a domain: its readers, and the indexes by which its timers are fired. */
export function consumersOf(
  domain: Domain,
  parts: ReaderParts,
): (dispatch: Dispatch) => readonly Consumer[] {
  const readers = readersOf(domain, parts);
  const { sending, clock = systemClock } = parts;
  const stamp = stampSetup(sending, domain, clock);
  const sagas = sagasOf(domain).filter(runsTimers);
  return (dispatch) => {
    const ask = askVia(dispatch, stamp);
    const timers = sagas.map((saga) => sagaTimers(saga, ask));
    return [...readers(dispatch), ...timerConsumers(domain, parts, dispatch, timers)];
  };
}
