import { TroupeError } from '../messages/errors.js';
import type { ReadEvent } from '../messages/event.js';
import { type Refusal, refused } from '../shard/refusals.js';
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
  refuseAll(refusal: Refusal): void {
    for (const { query, reject } of this.pages.values()) reject(refused(query, refusal));
    this.pages.clear();
  }
}
