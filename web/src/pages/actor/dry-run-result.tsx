import type { DryRun } from '../../data/answers.js';
import { counted } from '../../format/words.js';
import { JsonTree } from '../../parts/json-tree.js';
import { Status } from '../../parts/status.js';

/** The outcome that a command would have had. */
export function DryRunResult({ found }: { found: DryRun }) {
  return (
    <div class="stack" role="status">
      <p>
        <Status value={found.outcome} /> <span class="note">on version {found.version}</span>
      </p>
      <Outcome found={found} />
    </div>
  );
}

function Outcome({ found }: { found: DryRun }) {
  switch (found.outcome) {
    case 'accepted':
      return (
        <>
          <h3>
            {found.events.length === 0
              ? 'No events: it changes nothing'
              : counted(found.events.length, 'event')}
          </h3>
          {found.events.map(({ type, version, data }) => (
            <div key={version}>
              <b>{type}</b> <span class="note">version {version}</span>
              <JsonTree value={data} />
            </div>
          ))}
          <h3>State after it</h3>
          <JsonTree value={found.state} />
        </>
      );
    case 'rejected':
      return (
        <>
          <p>
            <code>{found.rejection.code}</code> {found.rejection.message}
          </p>
          <JsonTree value={found.rejection.details} />
        </>
      );
    default:
      return (
        <>
          <p>
            <code>{found.code}</code> {found.message}
          </p>
          {found.cause && <p class="note">{found.cause.message}</p>}
          {found.details !== undefined && <JsonTree value={found.details} />}
        </>
      );
  }
}
