import type { Domain } from '../aggregate/domain.js';
import { notSupported } from '../dispatcher/failure.js';
import { filterOf } from '../dispatcher/listening.js';
import type { Operation, Preparing, PreparingBuild } from '../dispatcher/subscription.js';
import { TroupeError } from '../messages/errors.js';
import type { Checkpoints } from '../store/checkpoints.js';
import type { Store, StreamName } from '../store/store.js';
import type { ViewAccess } from '../store/view-tables.js';
import { type Handler, isHandler } from './handler.js';
import { handlerConsumer } from './handler-consumer.js';
import { isProjection, type Projection } from './projection.js';
import { forProjection, runProjection } from './projection-consumer.js';
import { build, type RebuildParts, rebuild, rebuildKeys } from './rebuild.js';
import { type Rebuilt, rebuiltProjection, rebuiltView } from './rebuilt.js';
import type { Send } from './send.js';
import { handledPages, rebuildSource } from './served.js';
import { isView } from './view.js';

/** What operations on the readers of a domain work with. */
export interface OperationParts {
  readonly domain: Domain;
  readonly access: ViewAccess;
  readonly checkpoints: Checkpoints;
  readonly log: Pick<Store, 'settledEnd'>;
  readonly send: Send;
}

const NOTHING_YET = { events: 0, eventsPerSecond: 0, secondsLeft: undefined };

/** Builds a raised version beside the one that serves, until it has taken its place. */
export async function bringUp(
  parts: OperationParts,
  name: string,
  { signal, guard, progress }: PreparingBuild,
): Promise<void> {
  const { access, domain, checkpoints } = parts;
  const target = rebuiltOf(domain.readers.get(name), access);
  if (!target) return;
  const versions = await access.tables.versions(access.sql, target);
  const own = versions.find(({ version }) => version === target.version);
  if (own?.state !== 'building') return;
  guard.check();
  const source = rebuildSource(domain, target, { sql: access.sql, checkpoints });
  const upTo = await source.checkpoint.position();
  progress({ ...NOTHING_YET, position: own.position, upTo });
  await build(target, target, {
    access,
    ...source,
    progress,
    signal,
    guard,
    now: () => Date.now(),
  });
}

/** Does what was asked of a reader. */
export async function operate(
  parts: OperationParts,
  name: string,
  operation: Operation,
  how: Preparing,
): Promise<void> {
  const reader: unknown = parts.domain.readers.get(name);
  const { kind } = operation;
  switch (kind) {
    case 'rebuild':
      return rebuildReader(parts, rebuildable(name, reader, parts.access), how);
    case 'rebuildKeys': {
      if (!isView(reader)) throw notSupported(name, kind, 'a view');
      const source = await servingSource(parts, rebuiltView(reader, parts.access));
      return how.guard.run(0, () =>
        rebuildKeys(reader, operation.keys, { access: parts.access, ...source }),
      );
    }
    case 'rebuildStream':
      if (!isProjection(reader)) throw notSupported(name, kind, 'a projection');
      return how.guard.run(0, () => rebuildStream(parts, reader, operation.stream));
    case 'replay':
      if (!isHandler(reader)) throw notSupported(name, kind, 'a handler');
      return replay(parts, reader, operation.after, how);
  }
}

async function rebuildReader(
  { access, checkpoints, domain, log }: OperationParts,
  target: Rebuilt,
  { signal, guard, progress }: Preparing,
): Promise<void> {
  const source = rebuildSource(domain, target, { sql: access.sql, checkpoints, log });
  const rebuildParts: RebuildParts = {
    ...{ access, ...source, progress, signal, guard },
    now: () => Date.now(),
  };
  try {
    await rebuild(target, rebuildParts);
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'RebuildTooFar') throw error;
    // Begun on a log that was restored since.
    await access.transaction((tx) => access.tables.discard(tx, target.again()));
    await rebuild(target, rebuildParts);
  }
}

/** Throws `ViewNotReady` unless the version of this code serves. */
async function servingSource({ access, checkpoints, domain }: OperationParts, target: Rebuilt) {
  const versions = await access.tables.versions(access.sql, target);
  const serving = versions.find(({ state }) => state === 'active')?.version;
  const { kind, name, version } = target;
  if (serving !== version)
    throw new TroupeError(
      'ViewNotReady',
      `${kind} ${name}: expected version ${version} to serve, got version ${serving}`,
      { name, version, serving },
    );
  return rebuildSource(domain, target, { sql: access.sql, checkpoints });
}

/** In one transaction, while the projection stands still. */
async function rebuildStream(
  parts: OperationParts,
  projection: Projection,
  stream: StreamName,
): Promise<void> {
  const { access, checkpoints, domain } = parts;
  const { clear, name, listening } = projection;
  if (!clear) throw notSupported(name, 'rebuildStream', 'its definition to have `clear`');
  const { checkpoint } = await servingSource(parts, rebuiltProjection(projection, access));
  await access.transaction(async (tx) => {
    const own = forProjection(projection, access, tx);
    const upTo = await checkpoint.lock(tx);
    await clear(stream, own);
    const range = { name, filter: filterOf(listening), after: 0, upTo, stream };
    for await (const page of handledPages(domain, checkpoints, tx, range))
      await runProjection(projection, page.events, own);
  });
}

/** Up to where the handler is; its checkpoint stays. */
async function replay(
  { access, checkpoints, domain, send }: OperationParts,
  handler: Handler,
  after: number,
  { signal, guard, progress }: Preparing,
): Promise<void> {
  const { name, listening, replayable } = handler;
  if (!replayable) throw notSupported(name, 'replay', 'its definition to say replayable: true');
  const consumer = handlerConsumer(handler, { send });
  const upTo = await checkpoints.position(access.sql, name);
  const startedAt = Date.now();
  let events = 0;
  const range = { name, filter: filterOf(listening), after, upTo };
  const pages = handledPages(domain, checkpoints, access.sql, range);
  const next = (mark: number) => guard.run(mark, () => pages.next());
  for (let page = await next(after); !page.done; page = await next(page.value.upTo)) {
    for (const event of page.value.events) {
      signal.throwIfAborted();
      await guard.run(event.position - 1, async () => consumer.handle([event], access.sql));
    }
    events += page.value.events.length;
    const eventsPerSecond = (events * 1000) / Math.max(1, Date.now() - startedAt);
    progress({ events, position: page.value.upTo, upTo, eventsPerSecond, secondsLeft: undefined });
  }
}

function rebuildable(name: string, reader: unknown, access: ViewAccess): Rebuilt {
  const target = rebuiltOf(reader, access);
  if (target) return target;
  throw notSupported(name, 'rebuild', 'a view or a projection');
}

function rebuiltOf(reader: unknown, access: ViewAccess): Rebuilt | undefined {
  if (isView(reader)) return rebuiltView(reader, access);
  return isProjection(reader) ? rebuiltProjection(reader, access) : undefined;
}
