import { linkTo } from '../app/place.js';
import type { ParkedEvent } from '../data/answers.js';
import { pathOf } from '../data/api.js';
import { hasVerbs, useApiDocument } from '../data/api-document.js';
import { count } from '../format/numbers.js';
import { counted } from '../format/words.js';
import { Facts } from './figures.js';
import { Status } from './status.js';
import { type Verb, VerbButton } from './verb-button.js';
import { When } from './when.js';

/** Streams that wait at an event which a subscription cannot handle, and what may be done about it. */
export function ParkedStreams({
  parked,
  onDone,
}: {
  parked: readonly ParkedEvent[];
  onDone: () => void;
}) {
  return (
    <ul>
      {parked.map((event) => (
        <li key={`${event.subscription} ${event.position}`} class="panel parked">
          <ParkedStream event={event} onDone={onDone} />
        </li>
      ))}
    </ul>
  );
}

function ParkedStream({ event, onDone }: { event: ParkedEvent; onDone: () => void }) {
  const { subscription, aggregate, id, error, resolved } = event;
  return (
    <>
      <div class="panel-head">
        <h3>
          <a href={linkTo(['actors', aggregate, id])}>
            {aggregate}/{id}
          </a>
        </h3>
        <Status value={resolved ?? (event.isAsked ? 'retrying' : 'parked')} />
        <span class="note">
          in <a href={linkTo(['projections', subscription])}>{subscription}</a>
        </span>
        {!resolved && <Acts event={event} onDone={onDone} />}
      </div>
      <p class={`notice ${resolved ? '' : 'notice-bad'}`}>
        {error ? (
          <>
            <b>{error.name}</b>: {error.message}
          </>
        ) : (
          'It ended the thread in which it was handled.'
        )}
      </p>
      <Standing event={event} />
    </>
  );
}

function Standing({ event }: { event: ParkedEvent }) {
  const { aggregate, id, version, resolved, resolvedBy, resolvedWhy, resolvedAt = 0 } = event;
  return (
    <Facts
      facts={[
        [
          'Event',
          <>
            <a
              href={linkTo(['actors', aggregate, id, 'events'], { from: version, event: version })}
            >
              {event.type}
            </a>
            {`, version ${version}, position ${count(event.position)}`}
          </>,
        ],
        ['Tried', counted(event.attempts, 'time')],
        ['Parked', <When key="parked" at={event.parkedAt} />],
        [
          resolved ?? '',
          resolved && (
            <>
              by {resolvedBy}, <When at={resolvedAt} />: {resolvedWhy}
            </>
          ),
        ],
      ]}
    />
  );
}

function Acts({ event, onDone }: { event: ParkedEvent; onDone: () => void }) {
  const { data } = useApiDocument();
  if (!hasVerbs(data)) return null;
  const { subscription, aggregate, id } = event;
  const verb = (text: string, how: string): Verb => ({
    text,
    what: `${subscription} ${how}, and goes on with what waits behind it.`,
    path: pathOf(['inspect', 'subscriptions', subscription, text.toLowerCase()]),
    body: { aggregate, id },
    isDanger: text === 'Skip',
  });
  return (
    <div class="actions">
      <VerbButton verb={verb('Retry', 'takes this event once more')} onDone={onDone} />
      <VerbButton verb={verb('Skip', 'leaves this event out for good')} onDone={onDone} />
    </div>
  );
}
