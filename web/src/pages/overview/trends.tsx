import type { Sample } from '../../data/samples.js';
import { bytes } from '../../format/bytes.js';
import { compact, perSecond } from '../../format/numbers.js';
import { duration } from '../../format/times.js';
import { Chart } from '../../parts/chart.js';

type Samples = readonly (Sample | null)[];

/** A chart, without the values. */
interface Trend {
  readonly title: string;
  readonly format: (value: number) => string;
  readonly isBinary?: boolean;
  readonly least?: number;
  readonly lines: readonly {
    readonly label: string;
    readonly color: string;
    readonly of: (sample: Sample) => number | undefined;
    readonly isFilled?: boolean;
  }[];
}

const TRENDS: readonly Trend[] = [
  {
    title: 'Throughput',
    format: (value) => `${perSecond(value)}/s`,
    least: 4,
    lines: [
      { label: 'accepted', color: '--line-1', of: (it) => it.accepted, isFilled: true },
      { label: 'rejected', color: '--line-3', of: (it) => it.rejected },
      { label: 'errors', color: '--line-bad', of: (it) => it.errors },
    ],
  },
  {
    title: 'Time from send to answer',
    format: duration,
    lines: [
      { label: 'p50', color: '--line-1', of: (it) => it.p50 },
      { label: 'p99', color: '--line-2', of: (it) => it.p99 },
    ],
  },
  {
    title: 'Commit',
    format: duration,
    lines: [
      { label: 'p50', color: '--line-1', of: (it) => it.commitP50 },
      { label: 'p99', color: '--line-2', of: (it) => it.commitP99 },
    ],
  },
  {
    title: 'Waiting and in flight',
    format: compact,
    least: 4,
    lines: [
      { label: 'in mailboxes', color: '--line-2', of: (it) => it.waiting },
      { label: 'not answered yet', color: '--line-1', of: (it) => it.inFlight },
    ],
  },
  {
    title: 'Lag of the furthest behind',
    format: compact,
    least: 4,
    lines: [{ label: 'positions', color: '--line-3', of: (it) => it.lag, isFilled: true }],
  },
  {
    title: 'Heap of all shards',
    format: bytes,
    isBinary: true,
    least: 2 ** 20,
    lines: [{ label: 'used', color: '--line-4', of: (it) => it.heap, isFilled: true }],
  },
];

/** The last minutes, drawn. */
export function Trends({ samples }: { samples: Samples }) {
  const times = timesOf(samples);
  return (
    <div class="charts">
      {TRENDS.map(({ lines, ...trend }) => (
        <Chart
          key={trend.title}
          {...trend}
          times={times}
          series={lines.map(({ of, ...line }) => ({
            ...line,
            values: samples.map((sample) => (sample ? of(sample) : null)),
          }))}
        />
      ))}
    </div>
  );
}

/** A gap stands between its neighbours. */
function timesOf(samples: Samples): readonly number[] {
  let last = 0;
  return samples.map((sample) => {
    last = sample ? sample.at : last + 1;
    return last;
  });
}
