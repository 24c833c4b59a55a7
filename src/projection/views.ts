import type { Domain } from '../aggregate/domain.js';
import type { Readers } from '../client/wait-for.js';
import { oneOf } from '../internal/nearest.js';
import { SetupError } from '../messages/errors.js';
import type { ViewAccess } from '../store/view-tables.js';
import { isProjection } from './projection.js';
import { forProjection } from './projection-consumer.js';
import { isView, type View, type ViewTypes } from './view.js';
import { ViewClient } from './view-client.js';

/** The views and projections of a domain: their tables, and the way to ask them. */
export class Views {
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
  client<Types extends ViewTypes>(definition: View<Types>, readers: Readers): ViewClient<Types> {
    const registered = this.domain.readers.get(definition.name);
    if (isView(registered)) {
      const { refresh, access } = this;
      return new ViewClient<Types>(registered, { ...access, readers, ...(refresh && { refresh }) });
    }
    const names = [...this.domain.readers.values()].filter(isView).map(({ name }) => name);
    const given = String(definition.name);
    const expected = names.length > 0 ? oneOf(names, given) : 'it to export one made by defineView';
    throw new SetupError(
      'UnknownView',
      `The domain module exports no view named ${given}: expected ${expected}`,
      { name: given },
    );
  }

  close(): Promise<void> {
    return this.access.close();
  }
}
