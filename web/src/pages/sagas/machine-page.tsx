import type { PageProps } from '../../app/page-entry.js';
import { pathOf } from '../../data/api.js';
import type { Machine } from '../../data/saga-answers.js';
import { useQuery } from '../../data/use-query.js';
import { Page, Panel } from '../../parts/page.js';
import { Loaded } from '../../parts/states.js';
import { MachineBoxes, Ways } from './machine.js';
import { SagaTabs } from './saga-tabs.js';

/** The machine of a saga, apart from any instance. */
export function MachinePage({ params: { saga = '' } }: PageProps) {
  const machine = useQuery<Machine>(pathOf(['inspect', 'machines', saga]));
  return (
    <Page title={saga} lead={machine.data ? `version ${machine.data.version}` : '\u00a0'}>
      <SagaTabs saga={saga} current="machine" />
      <Loaded query={machine} rows={8}>
        {({ root }) => (
          <>
            <Panel title="States">
              <MachineBoxes root={root} />
            </Panel>
            <Panel title="Transitions" flush>
              <Ways root={root} />
            </Panel>
          </>
        )}
      </Loaded>
    </Page>
  );
}
