import type { StoredEvent } from '../messages/event.js';
import type { PageRequest, Store, StreamName } from './store.js';

/** Where reading starts, and how much is held in memory at a time. */
export interface ReadOptions {
  /** Version (of a stream) or position (of the log) after which reading starts. Default 0. */
  readonly after?: number;
  /** Last version or position to read. Default: the end as it is when it is reached. */
  readonly upTo?: number;
  /** Events per page. Default 500. */
  readonly pageSize?: number;
}

type Reader = Pick<Store, 'readAll'>;
const PAGE_SIZE = 500;

/** The events of one stream, by version, one page in memory at a time. */
export async function* streamEvents<Event extends StoredEvent>(
  readStream: (stream: StreamName, page: PageRequest) => Promise<readonly Event[]>,
  stream: StreamName,
  options: ReadOptions = {},
): AsyncGenerator<Event, void> {
  const fetch = (after: number, limit: number): Promise<readonly Event[]> =>
    readStream(stream, { after, limit });
  yield* pages(fetch, (event) => event.version, options);
}

/** The whole log by position, without gaps, one page in memory at a time; ends at the end of the log. */
export async function* allEvents(
  store: Reader,
  options: ReadOptions = {},
): AsyncGenerator<StoredEvent, void> {
  yield* pages(
    (after, limit) => store.readAll({ after, limit }),
    (event) => event.position,
    options,
  );
}

async function* pages<Event extends StoredEvent>(
  fetch: (after: number, limit: number) => Promise<readonly Event[]>,
  placeOf: (event: Event) => number,
  { after = 0, upTo = Number.POSITIVE_INFINITY, pageSize = PAGE_SIZE }: ReadOptions,
): AsyncGenerator<Event, void> {
  for (let mark = after; mark < upTo; ) {
    const page = await fetch(mark, pageSize);
    for (const event of page) {
      if (placeOf(event) > upTo) return;
      yield event;
    }
    const last = page.at(-1);
    if (!last || page.length < pageSize) return;
    mark = placeOf(last);
  }
}
