import { Page } from '../../parts/page.js';
import { Empty } from '../../parts/states.js';

export function CorrelationPage() {
  return (
    <Page title="Correlation">
      <Empty title="Soon" />
    </Page>
  );
}
