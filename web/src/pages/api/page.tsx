import { Page } from '../../parts/page.js';
import { Empty } from '../../parts/states.js';

export function ApiPage() {
  return (
    <Page title="Api">
      <Empty title="Soon" />
    </Page>
  );
}
