import { useEffect } from 'preact/hooks';
import { linkTo } from '../../app/place.js';
import type { Page as PageOf } from '../../data/answers.js';
import { pathOf } from '../../data/api.js';
import type { SagaStep } from '../../data/saga-answers.js';
import { useQuery } from '../../data/use-query.js';
import { counted, delayName } from '../../format/words.js';
import { Panel } from '../../parts/page.js';
import { Loaded } from '../../parts/states.js';
import { Status } from '../../parts/status.js';
import { At } from '../../parts/when.js';
import { valueText } from './machine-value.js';

const MOST = 1000;

/** Each step of an instance, the last one first: what came, where it led, what it caused. */
export function History({ saga, id, step }: { saga: string; id: string; step: number }) {
  // Those before the last thousand are in the log.
  const after = Math.max(0, step - MOST);
  const steps = useQuery<PageOf<SagaStep>>(
    pathOf(['inspect', 'sagas', saga, id, 'history'], { after, limit: MOST }),
  );
  useEffect(() => {
    if (steps.data && steps.data.items.length < step - after) steps.refresh();
  }, [step]);
  return (
    <Panel title="History" flush note="the last step first">
      <Loaded query={steps} rows={4}>
        {({ items }) => (
          <ol class="ways" reversed>
            {[...items].reverse().map((one) => (
              <li key={one.step} class="way">
                <Step step={one} />
              </li>
            ))}
          </ol>
        )}
      </Loaded>
    </Panel>
  );
}

function Step({
  step: { step, at, input, became, snapshot, error, ...caused },
}: {
  step: SagaStep;
}) {
  return (
    <>
      <span>
        <b>{step}</b> <At at={at} />
      </span>
      <span>{inputText(input)}</span>
      <span>
        {snapshot ? valueText(snapshot.value) : <Status value={became} />}
        {error && <span class="before"> {error.message}</span>}
      </span>
      <span class="note">
        <Caused {...caused} />
      </span>
    </>
  );
}

function Caused({
  commands,
  timersSet,
  effects,
}: Pick<SagaStep, 'commands' | 'timersSet' | 'effects'>) {
  return (
    <>
      {commands.map(({ key, aggregate, id, type }) => (
        <span key={key} class="caused">
          sends {type} to <a href={linkTo(['actors', aggregate, id])}>{aggregate}</a>
        </span>
      ))}
      {effects.map(({ key, service }) => (
        <span key={key} class="caused">
          runs {service}
        </span>
      ))}
      {timersSet.length > 0 && (
        <span class="caused">arms {counted(timersSet.length, 'timer')}</span>
      )}
    </>
  );
}

function inputText(input: SagaStep['input']): string {
  const { kind, event, source, outcome, result, key, how } = input as {
    readonly kind: string;
    readonly event?: { readonly type: string };
    readonly source?: string;
    readonly outcome?: { readonly kind: string };
    readonly result?: { readonly ok: boolean };
    readonly key?: string;
    readonly how?: string;
  };
  switch (kind) {
    case 'event':
      return event ? `event ${event.type}` : `event ${source ?? ''}`;
    case 'outcome':
      return `command ${outcome?.kind ?? ''}`;
    case 'effect':
      return `service ${result?.ok ? 'done' : 'failed'}`;
    case 'timer':
      return `timer ${delayName(key ?? '')}`;
    case 'sent':
      return `sent by hand: ${event?.type ?? ''}`;
    case 'retry':
      return `retry by hand: ${how ?? ''}`;
    default:
      return kind;
  }
}
