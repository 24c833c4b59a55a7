import type { Domain } from './aggregate/domain.js';
import type { Consumer } from './dispatcher/subscription.js';
import type { Dispatch } from './messages/answer.js';
import { type ReaderParts, readersOf } from './projection/consumers.js';
import { timerConsumers } from './timers/timers.js';

/** Makes all consumers of a domain: its readers, and the indexes by which its timers are fired. */
export function consumersOf(
  domain: Domain,
  parts: ReaderParts,
): (dispatch: Dispatch) => readonly Consumer[] {
  const readers = readersOf(domain, parts);
  return (dispatch) => [...readers(dispatch), ...timerConsumers(domain, parts, dispatch)];
}
