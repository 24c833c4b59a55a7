import type { PageProps } from '../../app/page-entry.js';
import { linkTo } from '../../app/place.js';
import { Page } from '../../parts/page.js';
import { Empty } from '../../parts/states.js';
import { Tabs } from '../../parts/tabs.js';
import { FindById } from './find-by-id.js';
import { LogTab } from './log.js';
import { TailTab } from './tail.js';

const TABS = [
  ['', 'Live'],
  ['log', 'Log'],
  ['find', 'Find by id'],
] as const;

/** The log: as it grows, from a position on, or by the id of a command or conversation. */
export function EventsPage({ params: { tab = '' }, query }: PageProps) {
  return (
    <Page title="Events">
      <Tabs
        label="Of the log"
        current={tab}
        tabs={TABS.map(([key, text]) => ({
          ...{ key, text },
          href: linkTo(['events', ...(key === '' ? [] : [key])]),
        }))}
      />
      {tab === '' && <TailTab query={query} />}
      {tab === 'log' && <LogTab query={query} />}
      {tab === 'find' && <FindById />}
      {!TABS.some(([key]) => key === tab) && <Empty title="There is no such page" />}
    </Page>
  );
}
