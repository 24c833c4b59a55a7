import { linkTo } from '../../app/place.js';
import type { ActorInside } from '../../data/answers.js';
import { duration } from '../../format/times.js';
import { Panel } from '../../parts/page.js';
import { Status } from '../../parts/status.js';
import { At } from '../../parts/when.js';

/** Its last commands, newest first. */
export function LastCommands({ actor: { commands, watchedSince } }: { actor: ActorInside }) {
  const note =
    watchedSince === undefined
      ? 'those that its shard remembers'
      : 'all since it is looked at, 50 at most';
  return (
    <Panel title="Last commands" note={commands.length === 0 ? 'none is remembered' : note}>
      {commands.length > 0 && (
        <div class="scroll">
          <table class="plain">
            <thead>
              <tr>
                <th scope="col">Command</th>
                <th scope="col">Outcome</th>
                <th scope="col" class="right">
                  Took
                </th>
                <th scope="col">At</th>
                <th scope="col">Id</th>
              </tr>
            </thead>
            <tbody>
              {commands.map(({ type, commandId, outcome, code, durationMs, at }) => (
                <tr key={`${commandId} ${at}`}>
                  <td>{type}</td>
                  <td>
                    <Status value={outcome} /> {code && <code>{code}</code>}
                  </td>
                  <td class="right">{duration(durationMs)}</td>
                  <td>
                    <At at={at} />
                  </td>
                  <td>
                    <a href={linkTo(['events', 'commands', commandId])}>
                      <code>{commandId}</code>
                    </a>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}
