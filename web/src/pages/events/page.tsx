import { Page } from '../../parts/page.js';
import { Empty } from '../../parts/states.js';

export function EventsPage() {
  return (
    <Page title="Events">
      <Empty title="Soon" />
    </Page>
  );
}
