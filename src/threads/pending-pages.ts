import { CommandRefused, TroupeError } from '../messages/errors.js';
import type { ReadEvent } from '../messages/event.js';
import type { PageQuery, PageResult } from './protocol.js';

interface PendingPage {
  readonly query: PageQuery;
  resolve(events: readonly ReadEvent[]): void;
  reject(error: TroupeError): void;
}

/** Pages of streams that a shard was asked for and has not sent yet. */
export class PendingPages {
  private readonly pages = new Map<number, PendingPage>();

  /** What to ask for again when the shard was replaced. */
  get queries(): PageQuery[] {
    return [...this.pages.values()].map((page) => page.query);
  }

  add(query: PageQuery): Promise<readonly ReadEvent[]> {
    return new Promise((resolve, reject) => this.pages.set(query.ref, { query, resolve, reject }));
  }

  settle({ ref, events, failure }: PageResult): void {
    const page = this.pages.get(ref);
    this.pages.delete(ref);
    if (!failure) return page?.resolve(events);
    const { code = 'ReadFailed', message, details, cause } = failure;
    page?.reject(new TroupeError(code, message, details, cause));
  }

  /** Nobody will send them any more. */
  refuseAll(): void {
    for (const { query, reject } of this.pages.values()) reject(stopping(query));
    this.pages.clear();
  }
}

/** The refusal of whatever is asked of a runtime that stops. */
export function stopping({ aggregate, id }: { aggregate: string; id: string }): CommandRefused {
  return new CommandRefused('Stopping', 'The runtime is stopping', { aggregate, id });
}
