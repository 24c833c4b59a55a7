import { Page } from '../../parts/page.js';
import { Empty } from '../../parts/states.js';

export function ShardsPage() {
  return (
    <Page title="Shards">
      <Empty title="Soon" />
    </Page>
  );
}
