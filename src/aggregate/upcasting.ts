import { NotJson, toJson } from '../internal/json.js';
import type { StoredEvent } from '../messages/event.js';
import { domainShape, type EventCodec, type EventCodecs } from './event-codec.js';
import { type EventPart, isSplit, type Split, type UpcastInfo } from './event-spec.js';
import { UnreadableEvent } from './unreadable-event.js';

/*
 * From the log to the domain:
 *
 *   stored event --old name--> codec --steps from its schema version--> current stored shape (JSON)
 *        |                                   |                                   |
 *        +--retired--> split or drop <-------+                                 decode --> domain shape
 *
 * What is stored with today's name and version takes none of these steps but the last.
 */

/** Where a stored event stands, and how its aggregate is read. An actor is one. */
export interface ReadStream {
  readonly id: string;
  readonly definition: EventCodecs & { readonly name: string; readonly storedAs: string };
}

/** A stored event as far as reading needs it. */
export type Readable = Pick<
  StoredEvent,
  'version' | 'type' | 'schemaVersion' | 'data' | 'occurredAt'
>;

/** An event with today's name, in the shape in which it would be stored today; `data` is JSON text. */
export interface CurrentEvent {
  readonly type: string;
  readonly data: string;
}

/** An event as `evolve` gets it, and the JSON text that it was read from. */
export interface DomainEvent {
  readonly type: string;
  readonly data: unknown;
  readonly text: string;
}

/** Splits that follow one another; more are taken for a circle. */
const MAX_SPLITS = 16;
/** What lifting makes is not bounded again: it was, when it was stored. */
const LIMITS = { maxBytes: Number.POSITIVE_INFINITY, maxDepth: 1000 };

/** The events, none to several, that a stored one stands for today. Throws `UnreadableEvent`. */
export function domainEvents(stream: ReadStream, event: Readable): readonly DomainEvent[] {
  const codec = stream.definition.codecs.get(event.type);
  if (codec?.version === event.schemaVersion) return [decoded(stream, event, codec, event.data)];
  return liftStored(stream, event).map(({ type, data }) =>
    decoded(stream, event, stream.definition.codecs.get(type) as EventCodec, data),
  );
}

function decoded(
  stream: ReadStream,
  event: Readable,
  codec: EventCodec,
  text: string,
): DomainEvent {
  try {
    return { type: codec.type, data: domainShape(codec, text), text };
  } catch (error) {
    throw unreadable(stream, event, `decode of ${codec.type} threw: ${reasonOf(error)}`, error);
  }
}

function liftStored(stream: ReadStream, event: Readable): readonly CurrentEvent[] {
  const { id, definition } = stream;
  const { type, version, schemaVersion, occurredAt } = event;
  // A new name is all that has changed: its text need not be parsed.
  const renamed = definition.former.get(type);
  if (renamed && !isSplit(renamed) && renamed.version === schemaVersion)
    return [{ type: renamed.type, data: event.data }];
  const info = { id, version, schemaVersion, occurredAt: new Date(occurredAt) };
  const lifting = { definition, info, splits: 0 };
  try {
    return lift(lifting, { type, data: JSON.parse(event.data), version: schemaVersion });
  } catch (error) {
    throw unreadable(stream, event, reasonOf(error), error);
  }
}

/**
 * Is there code of the domain between this stored event and what `evolve` gets? If not, its text is
 * passed on as it is.
 */
export function needsReading(
  { definition }: Pick<ReadStream, 'definition'>,
  event: Pick<Readable, 'type' | 'schemaVersion'>,
): boolean {
  const codec = definition.codecs.get(event.type);
  return codec?.version !== event.schemaVersion || codec.decode !== undefined;
}

interface Lifting {
  readonly definition: ReadStream['definition'];
  readonly info: UpcastInfo;
  readonly splits: number;
}

function lift(lifting: Lifting, part: EventPart): readonly CurrentEvent[] {
  const { type, version = 1 } = part;
  const codec = lifting.definition.codecs.get(type) ?? lifting.definition.former.get(type);
  if (!codec) throw new Error(`${lifting.definition.name} has no event ${type}, nor had one`);
  if (isSplit(codec)) return splitUp(lifting, codec, part.data);
  if (!Number.isInteger(version) || version < 1 || version > codec.version)
    throw new Error(`unknown schema version ${version}: this code knows 1 to ${codec.version}`);
  let { data } = part;
  for (let at = version; at < codec.version; at++) {
    const step = codec.steps[at - 1];
    if (isSplit(step)) return splitUp(lifting, step, data);
    data = liftOnce(codec, at, data, lifting.info);
  }
  return [{ type: codec.type, data: asText(codec, data) }];
}

function liftOnce(codec: EventCodec, from: number, data: unknown, info: UpcastInfo): unknown {
  const step = codec.steps[from - 1] as (data: unknown, info: UpcastInfo) => unknown;
  try {
    return step(data, info);
  } catch (error) {
    throw new Error(`upcast ${from} of ${codec.type} threw: ${reasonOf(error)}`, { cause: error });
  }
}

function splitUp(lifting: Lifting, { into }: Split, data: unknown): readonly CurrentEvent[] {
  if (lifting.splits === MAX_SPLITS) throw new Error('its splits run in a circle');
  const parts: unknown = into(data as never, lifting.info);
  if (!Array.isArray(parts) || !parts.every(isPart))
    throw new Error('its split must return an array of { type, data }');
  const deeper = { ...lifting, splits: lifting.splits + 1 };
  return parts.flatMap((part) => lift(deeper, part));
}

function isPart(part: unknown): part is EventPart {
  return typeof part === 'object' && part !== null && 'type' in part && 'data' in part;
}

/** Text, so that what a step made is read exactly as if it had been stored, and shares nothing. */
function asText({ type }: EventCodec, data: unknown): string {
  try {
    return toJson(data, LIMITS);
  } catch (error) {
    if (!(error instanceof NotJson)) throw error;
    throw new Error(`upcasting to ${type} gave data${error.path}: ${error.found}, not JSON`);
  }
}

function unreadable(
  { id, definition }: ReadStream,
  { version, type, schemaVersion }: Readable,
  reason: string,
  cause: unknown,
): UnreadableEvent {
  const details = { aggregate: definition.storedAs, id, version, type, schemaVersion };
  return new UnreadableEvent(details, reason, cause);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
