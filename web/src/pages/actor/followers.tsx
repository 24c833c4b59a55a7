import { linkTo } from '../../app/place.js';
import type { StreamLag } from '../../data/answers.js';
import { counted } from '../../format/words.js';
import { Panel } from '../../parts/page.js';
import { Status } from '../../parts/status.js';

/** How far those who follow the log are with this stream. */
export function Followers({ subscriptions }: { subscriptions: readonly StreamLag[] }) {
  return (
    <Panel title="Who follows it" note={subscriptions.length === 0 ? 'nobody' : undefined}>
      {subscriptions.length > 0 && (
        <table class="plain">
          <thead>
            <tr>
              <th scope="col">Subscription</th>
              <th scope="col">State</th>
              <th scope="col">Of this stream</th>
            </tr>
          </thead>
          <tbody>
            {subscriptions.map(({ subscription, state, behind, parked }) => (
              <tr key={subscription}>
                <td>
                  <a href={linkTo(['projections', subscription])}>{subscription}</a>
                </td>
                <td>
                  <Status value={parked ? 'parked' : state} />
                </td>
                <td>{standing(behind, parked)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}

function standing(behind: number, parked: StreamLag['parked']): string {
  if (parked) return `waits at version ${parked.version} (${parked.type})`;
  return behind === 0 ? 'up to date' : `${counted(behind, 'event')} behind`;
}
