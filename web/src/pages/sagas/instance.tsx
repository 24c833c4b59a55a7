import type { PageProps } from '../../app/page-entry.js';
import { linkTo } from '../../app/place.js';
import { pathOf } from '../../data/api.js';
import type { Machine, SagaInstance } from '../../data/saga-answers.js';
import { useQuery } from '../../data/use-query.js';
import { counted, delayName } from '../../format/words.js';
import { Facts } from '../../parts/figures.js';
import { JsonTree } from '../../parts/json-tree.js';
import { Page, Panel } from '../../parts/page.js';
import { Failed, Loading, Stale } from '../../parts/states.js';
import { Status } from '../../parts/status.js';
import { When } from '../../parts/when.js';
import { History } from './history.js';
import { MachineBoxes, Ways } from './machine.js';
import { Operating, SendEvent } from './operating.js';

const FRESH_MS = 1000;

/** One instance of a saga: where its machine is, what it waits for, and how it came there. */
export function SagaInstancePage({ params: { saga = '', id = '' } }: PageProps) {
  const found = useQuery<SagaInstance>(pathOf(['inspect', 'sagas', saga, id]), {
    everyMs: FRESH_MS,
  });
  const { data, problem, refresh } = found;
  const version = data?.machine?.version;
  const machine = useQuery<Machine>(
    version === undefined ? undefined : pathOf(['inspect', 'machines', saga], { version }),
  );
  return (
    <Page
      title={id}
      lead={data ? <Lead saga={saga} instance={data} /> : saga}
      actions={data && <Operating saga={saga} instance={data} onDone={refresh} />}
    >
      <Stale problem={data && problem} />
      {data ? (
        <Inside saga={saga} instance={data} machine={machine.data} onDone={refresh} />
      ) : problem ? (
        <Failed problem={problem} retry={refresh} />
      ) : (
        <Loading rows={8} />
      )}
    </Page>
  );
}

function Lead({ saga, instance }: { saga: string; instance: SagaInstance }) {
  const { status, step, machine } = instance;
  return (
    <>
      <a href={linkTo(['sagas', saga])}>{saga}</a>
      <Status value={status} />
      <span>{counted(step, 'step')}</span>
      {machine && <span>machine {machine.version}</span>}
    </>
  );
}

interface InsideProps {
  readonly saga: string;
  readonly instance: SagaInstance;
  readonly machine: Machine | undefined;
  readonly onDone: () => void;
}

function Inside({ saga, instance, machine, onDone }: InsideProps) {
  const { error, held, value, context, output, status } = instance;
  return (
    <>
      {error && (
        <p class="notice notice-bad" role="status">
          It is parked, with {counted(held.length, 'input')} held: <b>{error.name}</b>:{' '}
          {error.message}
        </p>
      )}
      {machine && (
        <Panel title="Machine">
          <MachineBoxes root={machine.root} value={value} />
        </Panel>
      )}
      <div class="columns">
        <Waiting instance={instance} />
        <Panel title={status === 'done' ? 'Context and output' : 'Context'}>
          <JsonTree value={context} />
          {status === 'done' && output !== null && <JsonTree value={output} />}
        </Panel>
      </div>
      {machine && (
        <Panel
          title="Transitions"
          flush
          note={status === 'active' ? 'those that are open now first' : undefined}
        >
          <Ways root={machine.root} {...(status === 'active' && { value })} />
        </Panel>
      )}
      <SendEvent saga={saga} instance={instance} machine={machine} onDone={onDone} />
      <History saga={saga} id={instance.id} step={instance.step} />
    </>
  );
}

/** What it waits for: timers, outcomes of commands, results of effects. */
function Waiting({ instance: { timers, commands, effects, status } }: { instance: SagaInstance }) {
  const all = [...timers, ...commands, ...effects];
  const isOver = status === 'done' || status === 'cancelled';
  return (
    <Panel
      title="Waits for"
      note={isOver ? 'nothing: it has ended' : all.length === 0 ? 'events' : undefined}
    >
      <Facts
        facts={[
          ...timers.map(
            ({ key, due }) =>
              [
                'Timer',
                <>
                  {delayName(key)}, <When at={due} />
                </>,
              ] as const,
          ),
          ...commands.map(
            ({ aggregate, id, type }) =>
              [
                'Command',
                <>
                  {type} to{' '}
                  <a href={linkTo(['actors', aggregate, id])}>
                    {aggregate}/{id}
                  </a>
                </>,
              ] as const,
          ),
          ...effects.map(
            ({ service, invoke }) =>
              ['Service', invoke === undefined ? service : `${service} of ${invoke}`] as const,
          ),
        ]}
      />
    </Panel>
  );
}
