import { linkTo } from '../../app/place.js';
import type { Histogram, Shard } from '../../data/answers.js';
import { bytes } from '../../format/bytes.js';
import { compact, count } from '../../format/numbers.js';
import { duration } from '../../format/times.js';
import { counted } from '../../format/words.js';
import { Facts } from '../../parts/figures.js';
import { Panel } from '../../parts/page.js';

/** All that is known of one shard. */
export function ShardDetail({ shard }: { shard: Shard }) {
  const { running, condition } = shard;
  return (
    <>
      {condition === 'blocked' && (
        <p class="notice notice-bad" role="status">
          It shows no sign of life
          {running && `: ${running.type} of ${running.aggregate}/${running.id} does not end`}. What
          is shown is what it last wrote.
        </p>
      )}
      <div class="columns">
        <Panel title={`Shard ${shard.shard}: at work`}>
          <AtWork shard={shard} />
        </Panel>
        <Panel title="Since the start of the runtime">
          <Facts
            facts={[
              ...Object.entries(shard.commands).map(
                ([outcome, calls]) => [outcome, counted(calls, 'call')] as const,
              ),
              ['Send to answer', spread(shard.commandDuration)],
              ['Commit', spread(shard.commitLatency)],
              ['Event loop late by', spread(shard.eventLoopDelay)],
            ]}
          />
        </Panel>
      </div>
    </>
  );
}

function AtWork({ shard }: { shard: Shard }) {
  const { running, phase, mailbox, batch, uncommittedTail: tail, idleActors } = shard;
  const waiting = counted(mailbox.commands, 'command');
  const idle = idleActors === undefined ? '' : `, ${count(idleActors)} of them idle`;
  const quarantined = shard.quarantined;
  return (
    <Facts
      facts={[
        ['Thread', shard.thread === undefined ? 'that of the host' : count(shard.thread)],
        ['In user code', phase === 'none' ? 'no' : phase],
        [
          'For',
          running && (
            <a href={linkTo(['actors', running.aggregate, running.id])}>
              {`${running.type} of ${running.aggregate}/${running.id}`}
            </a>
          ),
        ],
        ['Waiting', `${waiting}, ${compact(mailbox.most)} in the fullest mailbox`],
        ['Being stored', batch ? batchText(batch, batch.ageMs) : 'nothing'],
        ['Decided, not stored', tail && (tail.rows > 0 ? batchText(tail) : 'nothing')],
        ['Actors', `${count(shard.actors)}${idle}`],
        ['Quarantined', quarantined === undefined ? undefined : count(quarantined)],
        ['Restarts', count(shard.restarts)],
        ['Heap', bytes(shard.heapUsed)],
      ]}
    />
  );
}

function batchText(
  batch: { readonly rows: number; readonly bytes: number },
  ageMs?: number,
): string {
  const since = ageMs === undefined ? '' : `, for ${duration(ageMs)}`;
  return `${counted(batch.rows, 'row')}, ${bytes(batch.bytes)}${since}`;
}

function spread({ count: values, p50, p90, p99, max }: Histogram): string {
  if (values === 0) return 'never';
  const [half, most, nearlyAll, highest] = [p50, p90, p99, max].map((it) => duration(1000 * it));
  return `p50 ${half} · p90 ${most} · p99 ${nearlyAll} · max ${highest}`;
}
