import { ForeignCommits } from './dispatcher/foreign-commits.js';
import { toPlainError } from './messages/plain-error.js';
import type { Ownership } from './ownership/ownership.js';
import type { Store } from './store/store.js';
import type { Feeds } from './threads/feeds.js';
import type { StoreOpener } from './threads/open-store.js';
import type { PlainNotice } from './threads/protocol.js';
import type { Router } from './threads/router.js';

/** What follows the log for what others commit. */
export interface Followers {
  readonly store: Store;
  readonly stores: StoreOpener;
  readonly ownership: Ownership;
  readonly router: Router;
  readonly feeds: Feeds;
  notice(notice: PlainNotice): void;
}

/** What other processes commit reaches the actors of this one. */
export function followOthers({
  store,
  stores,
  ownership,
  router,
  notice,
  feeds,
}: Followers): ForeignCommits {
  const tell = (what: string, cause: Error | undefined): void =>
    notice({
      kind: 'warning',
      message: cause ? `${what}: ${cause.message}` : `${what} again`,
      cause: cause && toPlainError(cause),
    });
  let isDeaf = false;
  return new ForeignCommits({
    store,
    writers: () => ownership.shards.flatMap((shard) => shard.writerId ?? []),
    deliver: (heads) => router.hearOf(heads),
    openWakeUps: ({ wake, heard }) =>
      stores.openWakeUps?.({
        heard,
        wake(position) {
          wake(position);
          feeds.wake(position);
        },
      }),
    changed: (state, cause) =>
      state === 'stopped' ||
      tell(cause ? 'other processes cannot be followed' : 'other processes are followed', cause),
    heard(cause) {
      if (isDeaf !== (cause !== undefined))
        tell(cause ? 'no wake-ups are heard' : 'wake-ups are heard', cause);
      isDeaf = cause !== undefined;
    },
  });
}
