import type { Clock } from '../internal/clock.js';
import { SetupError } from '../messages/errors.js';
import { type Aggregate, isAggregate } from './define-aggregate.js';

/** Makes ids; a domain module may export one as `ids` (for tests, or for ids of another form). */
export interface Ids {
  newId(): string;
}

/** A view, projection, handler or publication, as far as registering it goes. */
export interface Reader {
  readonly kind: string;
  readonly name: string;
  readonly version: number;
  /** What it listens to, by the aggregate's name in the log. */
  readonly listening: ReadonlyMap<string, { readonly definition: Aggregate }>;
}

/** Marks what becomes a consumer of the log; the dispatcher knows it by the same name. */
const CONSUMER = Symbol.for('troupe.consumer');

function isReader(value: unknown): value is Reader {
  return typeof value === 'object' && value !== null && CONSUMER in value && 'listening' in value;
}

/** Marks exports that come with aggregates and readers of the runtime's own, under reserved names. */
export const BUILT_IN = Symbol.for('troupe.built-in');

/** What belongs to such an export. */
export interface BuiltIn {
  /** Known to the log and to shards, and to no caller. */
  readonly aggregates: readonly Aggregate[];
  readonly readers: readonly Reader[];
  /** Aggregates that get commands from it: they have to be exported too. */
  readonly sendsTo: readonly Aggregate[];
}

/** The parts of an export of that kind; `undefined` for any other. */
export function builtInOf(value: unknown): BuiltIn | undefined {
  if (typeof value !== 'object' || value === null || !(BUILT_IN in value)) return undefined;
  return value[BUILT_IN] as BuiltIn;
}

/** What a domain module registers. */
export interface Domain {
  /** By name in code. */
  readonly aggregates: ReadonlyMap<string, Aggregate>;
  /** By name in the log, which commands and events carry. */
  readonly stored: ReadonlyMap<string, Aggregate>;
  /** Views, projections, handlers and publications, by name. */
  readonly readers: ReadonlyMap<string, Reader>;
  /** Services by aggregate, made once per thread. */
  readonly services: ReadonlyMap<string, unknown>;
  readonly clock: Clock | undefined;
  readonly ids: Ids | undefined;
  readonly credentials: (() => string | Promise<string>) | undefined;
  /** All that the module exports, for definitions of other kinds. */
  readonly module: object;
}

/** Registers what a domain module exports: all definitions, and the reserved names. */
export function readDomain(module: object, origin: string): Domain {
  const aggregates = new Map<string, Aggregate>();
  const stored = new Map<string, Aggregate>();
  for (const value of new Set(Object.values(module))) {
    if (!isAggregate(value)) continue;
    if (aggregates.has(value.name))
      throw new SetupError(
        'DuplicateDefinition',
        `${origin} exports two aggregates named ${value.name}`,
        { name: value.name },
      );
    const { name, storedAs } = value;
    const other = stored.get(storedAs);
    if (other)
      throw new SetupError(
        'DuplicateDefinition',
        `${origin} exports two aggregates stored as ${storedAs}: ${other.name} and ${name}`,
        { name, storedAs },
      );
    aggregates.set(name, value);
    stored.set(storedAs, value);
    if (value.timers) stored.set(value.timers.storedAs, value.timers);
  }
  if (aggregates.size === 0) {
    throw new SetupError(
      'EmptyDomain',
      `${origin} exports no definitions: export what defineAggregate returns`,
      { origin },
    );
  }
  const builtIn = [...new Set(Object.values(module))].flatMap((value) => builtInOf(value) ?? []);
  for (const own of builtIn.flatMap((it) => it.aggregates)) stored.set(own.storedAs, own);
  const reserved = module as {
    clock?: Clock;
    ids?: Ids;
    credentials?: () => string | Promise<string>;
  };
  return {
    aggregates,
    stored,
    readers: readersOf(module, builtIn, { origin, stored }),
    services: new Map(),
    clock: checkReserved(reserved.clock, 'now', 'clock', origin),
    ids: checkReserved(reserved.ids, 'newId', 'ids', origin),
    credentials: typeof reserved.credentials === 'function' ? reserved.credentials : undefined,
    module,
  };
}

/** Each has a name of its own, since its checkpoint is kept under it, and listens to what is exported too. */
function readersOf(
  module: object,
  builtIn: readonly BuiltIn[],
  { origin, stored }: { readonly origin: string; readonly stored: ReadonlyMap<string, Aggregate> },
): ReadonlyMap<string, Reader> {
  const readers = new Map<string, Reader>();
  const own = builtIn.flatMap((it) => it.readers);
  for (const value of new Set([...Object.values(module), ...own])) {
    if (!isReader(value)) continue;
    const { kind, name, listening } = value;
    const other = readers.get(name);
    if (other)
      throw new SetupError(
        'DuplicateDefinition',
        `${origin} exports a ${other.kind} and a ${kind} named ${name}: each needs a name of its own`,
        { name },
      );
    const missing = [...listening].find(([storedAs]) => !stored.has(storedAs))?.[1].definition.name;
    if (missing !== undefined)
      throw new SetupError(
        'UnknownAggregate',
        `${origin}: ${kind} ${name} listens to ${missing}, which is not exported: export what defineAggregate returned`,
        { name, aggregate: missing },
      );
    const target = builtInOf(value)?.sendsTo.find(({ storedAs }) => !stored.has(storedAs))?.name;
    if (target !== undefined)
      throw new SetupError(
        'UnknownAggregate',
        `${origin}: ${kind} ${name} sends commands to ${target}, which is not exported: export what defineAggregate returned`,
        { name, aggregate: target },
      );
    readers.set(name, value);
  }
  return readers;
}

function checkReserved<T extends object>(
  value: T | undefined,
  method: string,
  name: string,
  origin: string,
): T | undefined {
  if (value === undefined) return undefined;
  if (typeof (value as Record<string, unknown>)[method] === 'function') return value;
  throw new SetupError(
    'InvalidDomain',
    `${origin}: the reserved export ${name} must have a function ${method}()`,
    { name },
  );
}

/** Runs the service factories of a domain, once for this thread. */
export async function startServices(domain: Domain): Promise<Domain> {
  const services = new Map<string, unknown>();
  for (const { name, services: factory } of domain.aggregates.values()) {
    if (!factory) continue;
    try {
      services.set(name, await factory());
    } catch (error) {
      throw new SetupError(
        'ServicesFailed',
        `The services factory of ${name} threw: ${error instanceof Error ? error.message : String(error)}`,
        { name },
        error,
      );
    }
  }
  return { ...domain, services };
}
