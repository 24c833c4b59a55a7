import type { Domain } from '../aggregate/domain.js';
import { comparePlaces } from '../shard/best-actors.js';
import type {
  ActorPage,
  ActorSort,
  ActorState,
  ActorSummary,
  ActorsQuestion,
} from '../shard/questions.js';
import { cursorAfter, invalidOption, limitOf, placeOf, wholeNumber } from './cursor.js';
import type { InspectedShard } from './inspected-shard.js';
import { definitionOf, nameOf } from './names.js';

/** Which live actors are listed, in which order, and from where on. */
export interface ActorsOptions {
  /** Name of their aggregate, in code or in the log. */
  readonly aggregate?: string;
  /** How their ids begin. */
  readonly idPrefix?: string;
  readonly status?: Exclude<ActorState, 'notLive' | 'passivating'>;
  /** Commands that wait at least. Default 0. */
  readonly minMailbox?: number;
  /** By `id` (default), or the highest first: commands that wait (`mailbox`), for how long the first of them
   * has (`waiting`), decisions that are not durable (`uncommitted`), size of the state (`bytes`). */
  readonly sort?: ActorSort;
  /** `next` of the page before, of the same order. */
  readonly after?: string;
  /** 1 to 1000. Default 100. */
  readonly limit?: number;
}

/** A live actor of one shard. Times in milliseconds, sizes in characters of JSON text. */
export interface ListedActor extends ActorSummary {
  readonly shard: number;
}

/** A page of live actors. */
export interface ActorsPage {
  readonly actors: readonly ListedActor[];
  /** For `after` of the next page; undefined if this is the last one. */
  readonly next: string | undefined;
  /** Actors that match, in the shards that answered. */
  readonly total: number;
  /** Shards that showed no sign of life, or did not run: their actors are missing. */
  readonly silent: readonly number[];
}

const SORTS: readonly ActorSort[] = ['id', 'mailbox', 'waiting', 'uncommitted', 'bytes'];
const STATES: readonly ActorState[] = [
  ...(['recovering', 'idle', 'busy', 'committing', 'backingOff', 'quarantined'] as const),
];

/** Lists live actors over all shards. Nobody waits for a shard that shows no sign of life for 250 ms. */
export async function listActors(
  shards: readonly InspectedShard[],
  domain: Domain,
  options: ActorsOptions,
): Promise<ActorsPage> {
  const question = questionOf(domain, options);
  const pages = await Promise.all(
    shards.map(async (shard) => ({ shard, told: await shard.questions.ask(question) })),
  );
  const answered = pages.flatMap(({ shard, told }) =>
    told.kind === 'answered' ? [{ shard, page: told.answer }] : [],
  );
  const silent = pages.flatMap(({ shard, told }) => (told.kind === 'silent' ? [shard.index] : []));
  const total = answered.reduce((sum, { page }) => sum + page.total, 0);
  return { ...merged(answered, question, domain), total, silent };
}

interface Answered {
  readonly shard: InspectedShard;
  readonly page: ActorPage;
}

function merged(
  answered: readonly Answered[],
  { sort, limit }: ActorsQuestion,
  domain: Domain,
): Pick<ActorsPage, 'actors' | 'next'> {
  const all = answered
    .flatMap(({ shard, page }) => page.actors.map((actor) => ({ shard: shard.index, actor })))
    .sort((a, b) => comparePlaces(a.actor, b.actor));
  const page = all.slice(0, limit);
  const last = page.at(-1);
  // A shard that filled its page may have more.
  const isLast = all.length <= limit && answered.every((it) => it.page.actors.length < limit);
  return {
    actors: page.map(({ shard, actor: { rank: _rank, aggregate, ...rest } }) => ({
      ...{ shard, aggregate: nameOf(domain, aggregate) },
      ...rest,
    })),
    next: isLast || !last ? undefined : cursorAfter(sort, last.actor),
  };
}

function questionOf(domain: Domain, options: ActorsOptions): ActorsQuestion & { kind: 'actors' } {
  const { aggregate, idPrefix, status, minMailbox = 0, sort = 'id', after } = options;
  if (!SORTS.includes(sort)) throw invalidOption('sort', `one of ${SORTS.join(', ')}`, sort);
  if (status !== undefined && !STATES.includes(status))
    throw invalidOption('status', `one of ${STATES.join(', ')}`, status);
  return {
    ...{ kind: 'actors', idPrefix, status, sort },
    aggregate: aggregate === undefined ? undefined : definitionOf(domain, aggregate).storedAs,
    minMailbox: wholeNumber('minMailbox', minMailbox, { least: 0, most: Number.MAX_SAFE_INTEGER }),
    after: after === undefined ? undefined : placeOf(after, sort),
    limit: limitOf(options.limit),
  };
}
