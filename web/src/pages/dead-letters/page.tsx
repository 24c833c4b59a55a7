import type { PageProps } from '../../app/page-entry.js';
import { setQuery } from '../../app/router.js';
import type { Page as PageOf, ParkedEvent, Subscription } from '../../data/answers.js';
import { pathOf } from '../../data/api.js';
import { useQuery } from '../../data/use-query.js';
import { counted } from '../../format/words.js';
import { Filters, SelectField } from '../../parts/fields.js';
import { Page } from '../../parts/page.js';
import { ParkedStreams } from '../../parts/parked-streams.js';
import { Empty, Loaded } from '../../parts/states.js';

const FRESH_MS = 3000;
/** Of each subscription. */
const MOST = 100;
const SHOWN = [
  ['true', 'waiting'],
  ['false', 'resolved'],
  ['all', 'all'],
] as const;

/** What subscriptions could not handle, all in one place. */
export function DeadLettersPage({ query }: PageProps) {
  const open = query.get('open') ?? 'true';
  const subscriptions = useQuery<PageOf<Subscription>>('/inspect/subscriptions?limit=1000', {
    everyMs: FRESH_MS,
  });
  const all = subscriptions.data?.items ?? [];
  const waiting = all.reduce((sum, { parked }) => sum + parked, 0);
  // Resolved ones may be with any of them, waiting ones only with those that say so.
  const asked = all.filter(({ parked }) => open !== 'true' || parked > 0);
  return (
    <Page title="Dead letters" lead={`${counted(waiting, 'stream')} waiting for somebody to act`}>
      <Filters>
        <SelectField
          label="Show"
          value={open}
          onChange={(value) => setQuery({ open: value })}
          options={SHOWN}
        />
      </Filters>
      <Loaded query={subscriptions} rows={6}>
        {() =>
          open === 'true' && asked.length === 0 ? (
            <div class="panel">
              <Empty title="No stream is parked">
                An event that a subscription cannot handle after several attempts stands here; its
                stream waits behind it, all others go on.
              </Empty>
            </div>
          ) : (
            <div>
              {asked.map(({ name }) => (
                <LettersOf key={name} name={name} open={open} onDone={subscriptions.refresh} />
              ))}
            </div>
          )
        }
      </Loaded>
    </Page>
  );
}

function LettersOf({ name, open, onDone }: { name: string; open: string; onDone: () => void }) {
  const filter = { open: open === 'all' ? undefined : open, limit: MOST };
  const letters = useQuery<PageOf<ParkedEvent>>(
    pathOf(['inspect', 'subscriptions', name, 'parked'], filter),
    { everyMs: FRESH_MS },
  );
  const refresh = () => {
    letters.refresh();
    onDone();
  };
  return (
    <Loaded query={letters} rows={2}>
      {({ items }) => <ParkedStreams parked={items} onDone={refresh} />}
    </Loaded>
  );
}
