import type { Domain } from '../aggregate/domain.js';
import { liftFor } from '../dispatcher/lift.js';
import { filterOf } from '../dispatcher/listening.js';
import type { Store } from '../store/store.js';
import type { ViewAccess } from '../store/view-tables.js';
import type { View } from './view.js';
import { foldBatch } from './view-consumer.js';

const PAGE_SIZE = 1000;

/**
 * Keeps views in memory: before a view is asked, the events since it was asked last are folded. So it
 * always holds everything that was committed; an event that it cannot take rejects the question.
 */
export function foldWhenAsked(
  store: Pick<Store, 'readAll'>,
  { tables, sql }: ViewAccess,
  domain: Pick<Domain, 'stored'>,
): (view: View) => Promise<void> {
  const marks = new Map<string, number>();
  const underWay = new Map<string, Promise<void>>();

  async function catchUp(view: View): Promise<void> {
    const lift = liftFor(domain, filterOf(view.listening));
    for (;;) {
      const after = marks.get(view.name) ?? 0;
      const page = await store.readAll({ after, limit: PAGE_SIZE });
      const listened = page.filter((event) => view.listening.has(event.aggregate));
      await foldBatch(view, tables, listened.flatMap(lift), sql);
      marks.set(view.name, page.at(-1)?.position ?? after);
      if (page.length < PAGE_SIZE) return;
    }
  }

  return (view) => {
    // One after the other: each question sees what was committed before it was asked.
    const before = underWay.get(view.name) ?? Promise.resolve();
    const mine = before.catch(() => undefined).then(() => catchUp(view));
    underWay.set(view.name, mine);
    return mine;
  };
}
