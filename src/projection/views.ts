import type { Domain } from '../aggregate/domain.js';
import type { Readers } from '../client/wait-for.js';
import { oneOf } from '../internal/nearest.js';
import { SetupError } from '../messages/errors.js';
import type { ViewAccess } from '../store/view-tables.js';
import { type Handler, isHandler } from './handler.js';
import { HandlerClient } from './handler-client.js';
import type { Operate } from './operate.js';
import { isProjection, type Projection } from './projection.js';
import { ProjectionClient } from './projection-client.js';
import { forProjection } from './projection-consumer.js';
import { isView, type View, type ViewTypes } from './view.js';
import { ViewClient } from './view-client.js';

const DROP_EVERY_MS = 60_000;

/** The views and projections of a domain: their tables, and the way to ask them. */
export class Views {
  private drops: NodeJS.Timeout | undefined;

  constructor(
    private readonly domain: Pick<Domain, 'readers'>,
    private readonly access: ViewAccess,
    /** Runs before each query, where nothing else keeps views up to date; projections are not kept then. */
    private readonly refresh?: (view: View) => Promise<void>,
  ) {}

  /** Makes the tables that are missing. Throws `ViewChanged` for a view that is not as its table was made. */
  async prepare(): Promise<void> {
    const { tables, transaction } = this.access;
    for (const reader of this.domain.readers.values()) {
      if (isView(reader)) await transaction((tx) => tables.prepare(tx, reader));
      if (isProjection(reader) && !this.refresh)
        await transaction((tx) =>
          tables.register(tx, reader, () => reader.setup(forProjection(reader, this.access, tx))),
        );
    }
  }

  /** The way to ask a view. Throws `SetupError` if the domain does not export it. */
  client<Types extends ViewTypes>(
    definition: View<Types>,
    readers: Readers,
    operate?: Operate,
  ): ViewClient<Types> {
    const { refresh, access } = this;
    const view = this.registered(definition, 'view', isView);
    const source = { ...access, readers, operate, ...(refresh && { refresh }) };
    return new ViewClient<Types>(view, source);
  }

  /** The way to ask a projection. Throws `SetupError` if the domain does not export it. */
  projection(definition: Projection, operate?: Operate): ProjectionClient {
    const projection = this.registered(definition, 'projection', isProjection);
    return new ProjectionClient(projection, this.access, operate);
  }

  /** The way to run a handler again. Throws `SetupError` if the domain does not export it. */
  handler(definition: Handler, operate?: Operate): HandlerClient {
    return new HandlerClient(this.registered(definition, 'handler', isHandler), operate);
  }

  private registered<Reader extends { readonly name: string }>(
    definition: { readonly name: string },
    kind: string,
    isOne: (value: unknown) => value is Reader,
  ): Reader {
    const registered: unknown = this.domain.readers.get(definition.name);
    if (isOne(registered)) return registered;
    const all: readonly unknown[] = [...this.domain.readers.values()];
    const names = all.filter(isOne).map(({ name }) => name);
    const given = String(definition.name);
    const maker = `define${kind.charAt(0).toUpperCase()}${kind.slice(1)}`;
    const expected = names.length > 0 ? oneOf(names, given) : `it to export one made by ${maker}`;
    throw new SetupError(
      `Unknown${maker.slice('define'.length)}`,
      `The domain module exports no ${kind} named ${given}: expected ${expected}`,
      { name: given },
    );
  }

  /** Drops tables that were replaced longer ago than this, now and every minute. */
  dropRetired(graceMs: number): void {
    if (this.refresh || this.domain.readers.size === 0) return;
    const drop = (): void => void this.dropAll(graceMs).catch(() => undefined); // the next time
    drop();
    this.drops = setInterval(drop, DROP_EVERY_MS).unref();
  }

  private async dropAll(graceMs: number): Promise<void> {
    const { tables, transaction } = this.access;
    for (const { name, version } of this.domain.readers.values())
      await transaction((tx) => tables.dropRetired(tx, { name, version, columns: [] }, graceMs));
  }

  close(): Promise<void> {
    clearInterval(this.drops);
    return this.access.close();
  }
}
