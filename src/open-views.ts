import type { Domain } from './aggregate/domain.js';
import type { Readers } from './client/wait-for.js';
import { foldWhenAsked } from './projection/fold-when-asked.js';
import { Views } from './projection/views.js';
import { refuseStranded } from './saga/refuse-stranded.js';
import { memoryViews } from './store/memory-view-tables.js';
import type { Store } from './store/store.js';
import type { ViewAccess } from './store/view-tables.js';
import type { StoreOpener } from './threads/open-store.js';

/** The views of a domain, with their tables made; those in memory are folded when they are asked. */
export async function openViews(
  stores: StoreOpener,
  store: Store,
  domain: Domain,
): Promise<{ readonly access: ViewAccess; readonly views: Views }> {
  const access = stores.openViews?.() ?? memoryViews();
  const refresh = access.checkpoints ? undefined : foldWhenAsked(store, access, domain);
  const views = new Views(domain, access, refresh);
  try {
    await views.prepare();
    await refuseStranded(domain, (view) => views.client(view, UNWAITED));
    return { access, views };
  } catch (error) {
    await views.close();
    await store.close();
    throw error;
  }
}

/** Nobody waits for a view before there is anything that folds it. */
const UNWAITED: Readers = {
  check: () => undefined,
  waitFor: () => Promise.resolve(),
};
