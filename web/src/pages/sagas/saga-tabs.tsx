import { linkTo } from '../../app/place.js';
import { Tabs } from '../../parts/tabs.js';

/** What there is to see of a saga. */
export function SagaTabs({
  saga,
  current,
}: {
  saga: string;
  current: 'instances' | 'machine' | '';
}) {
  return (
    <Tabs
      label="Of this saga"
      current={current}
      tabs={[
        { key: 'instances', text: 'Instances', href: linkTo(['sagas', saga]) },
        { key: 'machine', text: 'Machine', href: linkTo(['machines', saga]) },
      ]}
    />
  );
}
