import { useState } from 'preact/hooks';
import type { PageProps } from '../../app/page-entry.js';
import type { Query } from '../../app/place.js';
import { setQuery } from '../../app/router.js';
import type { Page as PageOf, ParkedEvent, Subscription } from '../../data/answers.js';
import { pathOf } from '../../data/api.js';
import { useQuery } from '../../data/use-query.js';
import { counted } from '../../format/words.js';
import { Filters, SelectField, TextField } from '../../parts/fields.js';
import { Page } from '../../parts/page.js';
import { ParkedStreams } from '../../parts/parked-streams.js';
import { Empty, Loaded } from '../../parts/states.js';
import { useSettled } from '../../parts/when.js';

const FRESH_MS = 3000;
/** Shown of each subscription at first, and added by each wish for more. */
const STEP = 100;
/** As many as one answer has. */
const MOST = 1000;
const SHOWN = [
  ['true', 'waiting'],
  ['false', 'resolved'],
  ['all', 'all'],
] as const;

/** What subscriptions could not handle, all in one place. */
export function DeadLettersPage({ query }: PageProps) {
  const { open = 'true', subscription = '', aggregate, id } = Object.fromEntries(query);
  const subscriptions = useQuery<PageOf<Subscription>>('/inspect/subscriptions?limit=1000', {
    everyMs: FRESH_MS,
  });
  const all = subscriptions.data?.items ?? [];
  const waiting = all.reduce((sum, { parked }) => sum + parked, 0);
  // Resolved ones may be with any of them, waiting ones only with those that say so.
  const asked = all.filter(
    ({ name, parked }) =>
      (open !== 'true' || parked > 0) && (subscription === '' || name === subscription),
  );
  const filter = useFilter({ open, aggregate, id });
  const field = (name: string, label: string, value = '') => ({
    ...{ label, value },
    onChange: (text: string) => setQuery({ [name]: text }),
  });
  return (
    <Page title="Dead letters" lead={`${counted(waiting, 'stream')} waiting for somebody to act`}>
      <Filters>
        <SelectField {...field('open', 'Show', open)} options={SHOWN} />
        <SelectField
          {...field('subscription', 'Subscription', subscription)}
          options={[['', 'any'], ...all.map(({ name }) => [name, name] as const)]}
        />
        <TextField {...field('aggregate', 'Aggregate', aggregate)} />
        <TextField {...field('id', 'Id', id)} />
      </Filters>
      <Loaded query={subscriptions} rows={6}>
        {() => (
          <>
            <div class="letters">
              {asked.map(({ name }) => (
                <LettersOf
                  key={`${name} ${JSON.stringify(filter)}`}
                  {...{ name, filter, onDone: subscriptions.refresh }}
                />
              ))}
            </div>
            <div class="panel">
              <Empty title={waiting === 0 && open === 'true' ? 'No stream is parked' : 'None fits'}>
                An event that a subscription cannot handle after several attempts stands here; its
                stream waits behind it, all others go on.
              </Empty>
            </div>
          </>
        )}
      </Loaded>
    </Page>
  );
}

/** What is asked for: of what is typed, what has come to rest. */
function useFilter({ open, aggregate, id }: { [field: string]: string | undefined }): Query {
  return {
    ...{ aggregate: useSettled(aggregate), id: useSettled(id) },
    open: open === 'all' ? undefined : open,
  };
}

interface LettersProps {
  readonly name: string;
  readonly filter: Query;
  readonly onDone: () => void;
}

function LettersOf({ name, filter, onDone }: LettersProps) {
  const [limit, setLimit] = useState(STEP);
  const path = pathOf(['inspect', 'subscriptions', name, 'parked'], { ...filter, limit });
  const isKept = limit > STEP;
  const letters = useQuery<PageOf<ParkedEvent>>(path, { everyMs: FRESH_MS, isKept });
  const refresh = () => {
    letters.refresh();
    onDone();
  };
  return (
    <Loaded query={letters} rows={2}>
      {({ items, next }) => (
        <>
          <ParkedStreams parked={items} onDone={refresh} />
          {next !== undefined && (
            <p class="note">
              {`The first ${items.length} of ${name}. `}
              {limit < MOST ? (
                <button type="button" onClick={() => setLimit(limit + STEP)}>
                  Show more
                </button>
              ) : (
                'Ask for an aggregate or an id to see others.'
              )}
            </p>
          )}
        </>
      )}
    </Loaded>
  );
}
