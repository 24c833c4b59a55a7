import { useState } from 'preact/hooks';
import { setQuery } from '../../app/router.js';
import type { ActorInside, DryRun, Json } from '../../data/answers.js';
import { ask, type Problem, pathOf } from '../../data/api.js';
import { type ApiDocument, commandsIn, useApiDocument } from '../../data/api-document.js';
import type { Schema } from '../../data/json-schema.js';
import { asProblem } from '../../data/use-query.js';
import { SelectField } from '../../parts/fields.js';
import { Panel } from '../../parts/page.js';
import { JsonField, SchemaField } from '../../parts/schema-form/schema-field.js';
import { initialOf } from '../../parts/schema-form/schema-value.js';
import { Empty, Failed, Loaded } from '../../parts/states.js';
import { DryRunResult } from './dry-run-result.js';

/** What a command would do, without doing it. */
export function DryRunTab({ actor, query }: { actor: ActorInside; query: URLSearchParams }) {
  const document = useApiDocument();
  return (
    <Loaded query={document} rows={4}>
      {(found) => {
        const commands = commandsIn(found)[actor.aggregate] ?? {};
        const [first] = Object.keys(commands);
        const asked = query.get('command');
        const type = asked !== null && asked in commands ? asked : first;
        const schema = type === undefined ? undefined : commands[type];
        if (type === undefined || schema === undefined)
          return (
            <Empty title="No command of it is known">Those of sagas are not sent by hand.</Empty>
          );
        return (
          <div class="columns">
            <TryForm
              key={type}
              {...{ actor, type, schema, document: found, types: Object.keys(commands) }}
            />
          </div>
        );
      }}
    </Loaded>
  );
}

interface TryFormProps {
  readonly actor: ActorInside;
  readonly type: string;
  readonly types: readonly string[];
  readonly schema: Schema;
  readonly document: ApiDocument;
}

function TryForm({ actor, type, types, schema, document }: TryFormProps) {
  const named = document.components.schemas;
  const [data, setData] = useState<Json | undefined>(() => initialOf(schema, named));
  const [isRaw, setRaw] = useState(false);
  const { found, problem, isTrying, tryIt } = useTry(actor);
  return (
    <>
      <Panel title="Command" note="nothing of it is stored or sent">
        <form
          class="stack"
          onSubmit={(event) => {
            event.preventDefault();
            void tryIt(type, data);
          }}
        >
          <SelectField
            label="Type"
            value={type}
            onChange={(chosen) => setQuery({ command: chosen })}
            options={types.map((it) => [it, it] as const)}
          />
          {isRaw ? (
            <JsonField label="Data" value={data} onChange={setData} />
          ) : (
            <SchemaField {...{ label: 'Data', schema, named, value: data, onChange: setData }} />
          )}
          <p class="actions">
            <button type="submit" class="primary" disabled={isTrying}>
              Try
            </button>
            <button type="button" aria-pressed={isRaw} onClick={() => setRaw(!isRaw)}>
              {isRaw ? 'As a form' : 'As JSON'}
            </button>
          </p>
        </form>
      </Panel>
      <Panel title="What it would do">
        {problem && <Failed problem={problem} />}
        {found && <DryRunResult found={found} />}
        {!problem && !found && <p class="note">It has not been tried yet.</p>}
      </Panel>
    </>
  );
}

interface Tried {
  readonly isTrying: boolean;
  readonly found?: DryRun;
  readonly problem?: Problem;
}

function useTry({ aggregate, id }: ActorInside) {
  const [tried, setTried] = useState<Tried>({ isTrying: false });
  const tryIt = async (type: string, data: Json | undefined): Promise<void> => {
    setTried((before) => ({ ...before, isTrying: true }));
    try {
      const path = pathOf(['inspect', 'actors', aggregate, id, 'dry-run']);
      setTried({ isTrying: false, found: await ask<DryRun>(path, { body: { type, data } }) });
    } catch (error) {
      setTried({ isTrying: false, problem: asProblem(error) });
    }
  };
  return { ...tried, tryIt };
}
