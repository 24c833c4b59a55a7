import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { EventCodec } from './event-codec.js';
import { resolveSnapshotPolicy } from './snapshot-policy.js';

/*
 * The timers of an aggregate instance stand in a stream of their own beside its events, with the same id.
 * Each event is one change; a timer's generation is the version of the event that armed it:
 *
 *   armed {key, at, command}     the timer `key` is due at `at`; one with this key is replaced
 *   cancelled {key}
 *   fired {key, rejection?}      its command was decided, in the same append
 */

const PREFIX = '$timers/';

/** Name in the log of the timers of an aggregate, by its own name there. */
export function timerStreamOf(storedAs: string): string {
  return `${PREFIX}${storedAs}`;
}

/** The aggregate whose timers stand under this name in the log. */
export function ownerOfTimers(name: string): string | undefined {
  return name.startsWith(PREFIX) ? name.slice(PREFIX.length) : undefined;
}

/** Data of `armed`. */
export interface TimerArmed {
  readonly key: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly command: { readonly type: string; readonly data: unknown };
}

/** Data of `cancelled`. */
export interface TimerCancelled {
  readonly key: string;
}

/** Data of `fired`. */
export interface TimerFired {
  readonly key: string;
  /** Why the domain rejected its command. */
  readonly rejection?: { readonly code: string; readonly message: string };
}

/** What is known of a stream of timers: the armed ones, by key, with their generations. */
export interface TimerState {
  readonly armed: Record<string, number>;
}

/** The definition by which the stream is folded. It takes no commands. */
export function timerStream(storedAs: string) {
  const name = timerStreamOf(storedAs);
  return {
    ...{ name, storedAs: name, namespace: undefined, prefix: undefined },
    ...{ commands: {}, decide: {}, errors: {}, services: undefined, timers: undefined },
    events: Object.fromEntries([...CODECS].map(([type, { schema }]) => [type, schema])),
    ...{ codecs: CODECS, former: new Map() },
    initialState: { armed: {} } satisfies TimerState,
    stateVersion: 1,
    snapshot: resolveSnapshotPolicy(),
    evolve: EVOLVE,
    isRejection: (_error: unknown): _error is never => false,
  };
}

const EVOLVE = {
  armed({ armed }: TimerState, { key }: TimerArmed, { version }: { version: number }) {
    armed[key] = version;
  },
  cancelled: disarm,
  fired: disarm,
};

function disarm({ armed }: TimerState, { key }: { readonly key: string }): void {
  delete armed[key];
}

/** What is stored was made by this code. */
const ANYTHING: StandardSchemaV1 = {
  '~standard': { version: 1, vendor: 'troupe', validate: (value) => ({ value }) },
};

const CODECS: ReadonlyMap<string, EventCodec> = new Map(
  ['armed', 'cancelled', 'fired'].map((type) => [
    type,
    { type, schema: ANYTHING, version: 1, steps: [], encode: undefined, decode: undefined },
  ]),
);
