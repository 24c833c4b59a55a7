import type { ActorInside, AuditEntry, LiveActor, Page as PageOf } from '../../data/answers.js';
import { pathOf } from '../../data/api.js';
import { useQuery } from '../../data/use-query.js';
import { bytes } from '../../format/bytes.js';
import { count } from '../../format/numbers.js';
import { duration } from '../../format/times.js';
import { counted } from '../../format/words.js';
import { Facts } from '../../parts/figures.js';
import { Panel } from '../../parts/page.js';
import { Loaded } from '../../parts/states.js';
import { Status } from '../../parts/status.js';
import { When } from '../../parts/when.js';
import { LastCommands } from './commands.js';
import { diagnose } from './diagnosis.js';
import { Followers } from './followers.js';

/** What it does at this moment, and why. */
export function NowTab({ actor }: { actor: ActorInside }) {
  const { live, timers } = actor;
  return (
    <>
      {diagnose(actor).map(({ tone, text, href }) => (
        <p key={href ?? tone} class={`notice notice-${tone}`}>
          {text} {href && <a href={href}>Retry or skip it</a>}
        </p>
      ))}
      <div class="columns">
        <Panel title="At work">
          {live ? <AtWork live={live} /> : <p class="note">It is not in memory.</p>}
        </Panel>
        <Panel title="In the log">
          <InTheLog actor={actor} />
        </Panel>
      </div>
      <LastCommands actor={actor} />
      <div class="columns">
        <Followers subscriptions={actor.subscriptions} />
        <Panel title="Timers" note={timers.length === 0 ? 'none is armed' : undefined}>
          <Facts
            facts={timers.map(({ key, dueAt, type }) => [
              key,
              <>
                {type} <When at={dueAt} />
              </>,
            ])}
          />
        </Panel>
      </div>
      <Audit actor={actor} />
    </>
  );
}

function AtWork({ live }: { live: LiveActor }) {
  const { atWork, mailbox, recoveries } = live;
  return (
    <Facts
      facts={[
        [
          'Command',
          atWork ? (
            <>
              <b>{atWork.type}</b> <Status value={atWork.phase} />
            </>
          ) : (
            'none'
          ),
        ],
        ['Came', atWork && `${duration(atWork.ageMs)} ago`],
        ['Attempts', atWork && atWork.attempts > 1 ? count(atWork.attempts) : undefined],
        ['Mailbox', counted(mailbox.commands, 'command')],
        ['First in it', mailbox.head && `${mailbox.head}, for ${duration(mailbox.headAgeMs)}`],
        ['Not durable yet', counted(live.uncommitted, 'event')],
        ['Failures in a row', live.failures > 0 ? count(live.failures) : undefined],
        ['State', live.bytes > 0 ? bytes(live.bytes) : 'not measured yet'],
        [
          'Recovered',
          `${counted(recoveries.count, 'time')}, last in ${duration(recoveries.lastMs)} from ${counted(recoveries.lastEvents, 'event')}`,
        ],
        ['Idle for', live.idleMs !== undefined ? duration(live.idleMs) : undefined],
      ]}
    />
  );
}

function InTheLog({
  actor: { stream, live, snapshot, quarantine, lastError },
}: {
  actor: ActorInside;
}) {
  return (
    <Facts
      facts={[
        [
          'Version',
          `${count(stream.version)}${live && live.decidedVersion > stream.version ? `, decided ${count(live.decidedVersion)}` : ''}`,
        ],
        ['Last position', stream.version > 0 ? count(stream.position) : undefined],
        [
          'Snapshot',
          snapshot ? (
            <>
              at version {count(snapshot.version)}, {bytes(snapshot.bytes)}
              {snapshot.takenAt !== undefined && (
                <>
                  , <When at={snapshot.takenAt} />
                </>
              )}
              {`, ${counted(snapshot.eventsSince, 'event')} since`}
            </>
          ) : (
            'none'
          ),
        ],
        [
          'Quarantine',
          quarantine && (
            <>
              by {quarantine.who}, <When at={quarantine.since} />: {quarantine.why}
            </>
          ),
        ],
        [
          'Last error',
          lastError && (
            <>
              <b>{lastError.code}</b> at {lastError.type}, <When at={lastError.at} />:{' '}
              {lastError.message}
            </>
          ),
        ],
      ]}
    />
  );
}

/** What operators did to it. */
function Audit({ actor: { aggregate, id } }: { actor: ActorInside }) {
  const entries = useQuery<PageOf<AuditEntry>>(
    pathOf(['inspect', 'audit'], { aggregate, id, limit: 20 }),
    { everyMs: 5000 },
  );
  return (
    <Panel
      title="What operators did"
      note={entries.data?.items.length === 0 ? 'nothing' : undefined}
    >
      <Loaded query={entries} rows={1}>
        {({ items }) => (
          <Facts
            facts={items.map(({ verb, who, why, at, result }) => [
              `${verb}${result === undefined || result === 'done' ? '' : ` (${result})`}`,
              <>
                {who}, <When at={at} />: {why}
              </>,
            ])}
          />
        )}
      </Loaded>
    </Panel>
  );
}
