import { linkTo } from '../../app/place.js';
import type { StreamLag } from '../../data/answers.js';
import { counted } from '../../format/words.js';
import { Panel } from '../../parts/page.js';
import { Status } from '../../parts/status.js';
import { letterOf } from './diagnosis.js';

/** How far those who follow the log are with this stream. */
export function Followers({ subscriptions }: { subscriptions: readonly StreamLag[] }) {
  // Who holds it up stands first.
  const sorted = [...subscriptions].sort(
    (one, other) => Number(!one.parked) - Number(!other.parked) || other.behind - one.behind,
  );
  return (
    <Panel title="Who follows it" note={subscriptions.length === 0 ? 'nobody' : undefined}>
      {subscriptions.length > 0 && (
        <table class="plain">
          <thead>
            <tr>
              <th scope="col">Subscription</th>
              <th scope="col">State</th>
              <th scope="col">Standing</th>
            </tr>
          </thead>
          <tbody>
            {sorted.map(({ subscription, state, behind, parked }) => (
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

function standing(behind: number, parked: StreamLag['parked']) {
  if (parked)
    return (
      <a href={letterOf(parked)}>
        waits at version {parked.version} ({parked.type})
      </a>
    );
  return behind === 0 ? 'up to date' : `${counted(behind, 'event')} behind`;
}
