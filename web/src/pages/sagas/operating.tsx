import { useId, useState } from 'preact/hooks';
import { pathOf } from '../../data/api.js';
import { hasVerbs, useApiDocument } from '../../data/api-document.js';
import type { Machine, SagaInstance } from '../../data/saga-answers.js';
import { SelectField } from '../../parts/fields.js';
import { Panel } from '../../parts/page.js';
import { type Verb, VerbButton } from '../../parts/verb-button.js';
import { statesIn } from './machine-value.js';

interface OperatingProps {
  readonly saga: string;
  readonly instance: SagaInstance;
  readonly onDone: () => void;
}

/** What an operator may do to an instance; nothing where that is switched off, or it has ended. */
export function Operating({ saga, instance: { id, status }, onDone }: OperatingProps) {
  const { data } = useApiDocument();
  if (!hasVerbs(data) || status === 'done' || status === 'cancelled') return null;
  const at = (word: string) => pathOf(['inspect', 'sagas', saga, id, word]);
  const retry = (how: string, text: string, what: string): Verb => ({
    ...{ text, what, path: at('retry'), body: { how } },
  });
  const verbs: readonly Verb[] = [
    ...(status === 'parked'
      ? [
          retry('again', 'Retry', 'The input that failed is taken once more.'),
          retry('skip', 'Skip the input', 'The input that failed is left out.'),
          retry('rerun', 'Run the service anew', 'The service that failed is run again.'),
        ]
      : []),
    {
      ...{ text: 'End', path: at('cancel'), isDanger: true },
      what: 'Its machine compensates if it can; else it ends at once.',
    },
  ];
  return (
    <>
      {verbs.map((verb) => (
        <VerbButton key={verb.text} verb={verb} onDone={onDone} />
      ))}
    </>
  );
}

/** Sends an event to the machine, by hand. */
export function SendEvent({
  saga,
  instance: { id, status },
  machine,
  onDone,
}: OperatingProps & { readonly machine: Machine | undefined }) {
  const { data } = useApiDocument();
  const names = machine ? eventsOf(machine) : [];
  const [type = names[0], setType] = useState<string | undefined>(undefined);
  const [text, setText] = useState('{}');
  const field = useId();
  if (!hasVerbs(data) || status !== 'active' || type === undefined) return null;
  const fields = objectIn(text);
  return (
    <Panel title="Send an event" note="by hand, as an input of this instance">
      <div class="stack">
        <SelectField
          label="Event"
          value={type}
          onChange={setType}
          options={names.map((name) => [name, name] as const)}
        />
        <div class="field">
          <label for={field}>Its fields, as JSON</label>
          <textarea
            id={field}
            value={text}
            spellcheck={false}
            aria-invalid={fields === undefined}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </div>
        <p class="actions">
          {fields ? (
            <VerbButton
              verb={{
                ...{ text: 'Send', path: pathOf(['inspect', 'sagas', saga, id, 'send']) },
                what: `The machine gets ${type}, as if it had heard it.`,
                body: { event: { ...fields, type } },
              }}
              onDone={onDone}
            />
          ) : (
            <span class="before">This is no JSON object</span>
          )}
        </p>
      </div>
    </Panel>
  );
}

/** Names of events to which some state reacts. */
function eventsOf({ root }: Machine): readonly string[] {
  const names = statesIn(root).flatMap(({ transitions }) =>
    transitions.flatMap(({ kind, on }) =>
      kind === 'event' && on && !on.includes('*') ? [on] : [],
    ),
  );
  return [...new Set(names)].sort();
}

function objectIn(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
