import { useEffect, useState } from 'preact/hooks';
import type { PageProps } from '../../app/page-entry.js';
import { setQuery } from '../../app/router.js';
import type { Page as PageOf, ParkedEvent, Subscription } from '../../data/answers.js';
import type { Problem } from '../../data/api.js';
import { ask, pathOf } from '../../data/api.js';
import { asProblem, useQuery } from '../../data/use-query.js';
import { counted } from '../../format/words.js';
import { Filters, SelectField } from '../../parts/fields.js';
import { Page } from '../../parts/page.js';
import { ParkedStreams } from '../../parts/parked-streams.js';
import { Empty, Failed, Loading, Stale } from '../../parts/states.js';

const FRESH_MS = 3000;
/** Of each subscription; its own page has them all. */
const MOST = 100;
const SHOWN = [
  ['true', 'waiting'],
  ['false', 'resolved'],
  ['all', 'all'],
] as const;

/** What subscriptions could not handle, all in one place. */
export function DeadLettersPage({ query }: PageProps) {
  const open = query.get('open') ?? 'true';
  const name = query.get('subscription') ?? '';
  const subscriptions = useQuery<PageOf<Subscription>>('/inspect/subscriptions?limit=1000', {
    everyMs: FRESH_MS,
  });
  const all = subscriptions.data?.items;
  const names = all && namesOf(all, { open, name });
  const { letters, problem, refresh } = useLetters(names, open, all);
  return (
    <Page
      title="Dead letters"
      lead={letters ? `${counted(letters.length, 'stream')} ${leadOf(open)}` : '\u00a0'}
    >
      <Filters>
        <SelectField
          label="Show"
          value={open}
          onChange={(value) => setQuery({ open: value })}
          options={SHOWN}
        />
        <SelectField
          label="Subscription"
          value={name}
          onChange={(value) => setQuery({ subscription: value })}
          options={[['', 'any'], ...(all ?? []).map((it) => [it.name, it.name] as const)]}
        />
      </Filters>
      <Stale problem={letters && (problem ?? subscriptions.problem)} />
      {letters ? (
        <Letters letters={letters} open={open} onDone={refresh} />
      ) : (problem ?? subscriptions.problem) ? (
        <Failed
          problem={(problem ?? subscriptions.problem) as Problem}
          retry={subscriptions.refresh}
        />
      ) : (
        <Loading rows={6} />
      )}
    </Page>
  );
}

function Letters({
  letters,
  open,
  onDone,
}: {
  letters: readonly ParkedEvent[];
  open: string;
  onDone: () => void;
}) {
  if (letters.length > 0) return <ParkedStreams parked={letters} onDone={onDone} />;
  return (
    <div class="panel">
      <Empty title={open === 'true' ? 'No stream is parked' : 'There are none'}>
        An event that a subscription cannot handle after several attempts comes to stand here; its
        stream waits behind it, all others go on.
      </Empty>
    </div>
  );
}

/** Resolved ones are kept by any of them, waiting ones only by those that say so. */
function namesOf(
  all: readonly Subscription[],
  { open, name }: { readonly open: string; readonly name: string },
): readonly string[] {
  return all
    .filter((it) => (name === '' || it.name === name) && (open !== 'true' || it.parked > 0))
    .map((it) => it.name);
}

function leadOf(open: string): string {
  if (open === 'true') return 'waiting for somebody to act';
  return open === 'false' ? 'resolved' : 'in all';
}

/** The parked events of some subscriptions, oldest first; asked for anew whenever these were looked at. */
function useLetters(names: readonly string[] | undefined, open: string, look: unknown) {
  const [found, setFound] = useState<{ letters?: readonly ParkedEvent[]; problem?: Problem }>({});
  const [round, setRound] = useState(0);
  const wanted = names?.join('\n');
  useEffect(() => {
    if (names === undefined) return;
    const ended = new AbortController();
    const filter = { ...(open !== 'all' && { open }), limit: MOST };
    Promise.all(
      names.map((name) =>
        ask<PageOf<ParkedEvent>>(pathOf(['inspect', 'subscriptions', name, 'parked'], filter), {
          signal: ended.signal,
        }),
      ),
    )
      .then((pages) => {
        const letters = pages.flatMap(({ items }) => items);
        setFound({ letters: letters.sort((a, b) => a.parkedAt - b.parkedAt) });
      })
      .catch((error: unknown) => {
        if (!ended.signal.aborted) setFound((last) => ({ ...last, problem: asProblem(error) }));
      });
    return () => ended.abort();
  }, [wanted, open, look, round]);
  return { ...found, refresh: () => setRound((n) => n + 1) };
}
