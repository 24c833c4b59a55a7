import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import { theme } from '../app/theme.js';
import { useStore } from '../data/store.js';
import { timeOfDay } from '../format/times.js';

/** A line of a chart. */
export interface Series {
  readonly label: string;
  /** A colour of the style sheet: `--line-1`. */
  readonly color: string;
  readonly values: readonly (number | null | undefined)[];
  readonly isFilled?: boolean;
}

export interface ChartProps {
  readonly title: string;
  /** Unix milliseconds of each value. */
  readonly times: readonly number[];
  readonly series: readonly Series[];
  /** How a value is written. */
  readonly format: (value: number) => string;
  /** Lines of the grid stand at powers of two: for sizes. */
  readonly isBinary?: boolean;
  /** The axis reaches to this at least: to 4, so that a count has no halves beside it. */
  readonly least?: number;
}

/** What of a chart does not change while it is shown. */
type Look = Pick<ChartProps, 'series' | 'format' | 'isBinary' | 'least'>;

const HEIGHT = 150;
/** Charts are pointed at together. */
const TOGETHER = { key: 'troupe' };

/**
 * Lines over time. What they end with, or have where one points, stands above them as text, which is what a
 * reader of the screen is told.
 */
export function Chart({ title, times, ...of }: ChartProps) {
  const { series, format } = of;
  const [pointed, setPointed] = useState<number | null>(null);
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const look = useStore(theme);
  const shape = series.map(({ label }) => label).join();
  const data: uPlot.AlignedData = [
    times.map((at) => at / 1000),
    ...series.map(({ values }) => values.map((value) => value ?? null)),
  ];
  // Drawn anew for other lines or colours alone.
  useEffect(() => {
    const { current } = place;
    if (!current) return;
    const hooks = { setCursor: [({ cursor }: uPlot) => setPointed(cursor.idx ?? null)] };
    const own = new uPlot({ ...optionsOf(current, of), hooks }, data, current);
    plot.current = own;
    const observer = new ResizeObserver(() =>
      own.setSize({ width: current.clientWidth, height: HEIGHT }),
    );
    observer.observe(current);
    return () => {
      observer.disconnect();
      own.destroy();
    };
  }, [look, shape]);
  useEffect(() => plot.current?.setData(data), [times]);
  const at = pointed === null ? undefined : times[pointed];
  // One point is no line.
  const hasLine = series.some(({ values }) => values.filter((it) => it != null).length > 1);
  return (
    <figure class="chart">
      <figcaption>
        <h3>
          {title} {at !== undefined && <span class="note">{timeOfDay(at).slice(0, 8)}</span>}
        </h3>
        <Legend {...{ series, format, pointed }} />
      </figcaption>
      <div ref={place} class="chart-place" aria-hidden="true" />
      {!hasLine && (
        <p class="chart-none">
          {times.length < 2 ? 'Collecting the first samples' : 'No values yet'}
        </p>
      )}
    </figure>
  );
}

function Legend({ series, format, pointed }: Look & { pointed: number | null }) {
  return (
    <ul class="legend">
      {series.map(({ label, color, values }) => {
        const last = values.findLast((it) => it !== null && it !== undefined);
        const value = pointed === null ? last : values[pointed];
        return (
          <li key={label}>
            <span class="legend-sign" style={{ background: `var(${color})` }} aria-hidden="true" />
            {label} <b>{value === undefined || value === null ? '–' : format(value)}</b>
          </li>
        );
      })}
    </ul>
  );
}

function optionsOf(
  place: HTMLElement,
  { series, format, isBinary, least = 1 }: Look,
): uPlot.Options {
  const grid = { stroke: colorOf(place, '--grid'), width: 1 };
  const axis = { stroke: colorOf(place, '--muted'), grid, ticks: { show: false }, font: FONT };
  return {
    width: place.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: { y: false, sync: TOGETHER, drag: { x: false, y: false }, points: { size: 5 } },
    padding: [8, 24, 0, 0],
    scales: {
      x: { time: false },
      y: { range: (_plot, _low, high) => [0, Math.max(high * 1.15, least)] },
    },
    axes: [
      { ...axis, size: 24, space: 70, incrs: SECONDS, values: CLOCK },
      {
        ...axis,
        size: WIDTH_OF,
        space: 32,
        ...(isBinary && { incrs: POWERS }),
        values: (_plot, splits) => splits.map((value) => format(value)),
      },
    ],
    series: [
      {},
      ...series.map(({ color, isFilled }) => {
        const stroke = colorOf(place, color);
        return {
          ...{ stroke, width: 1.5, points: { show: false }, spanGaps: false },
          ...(isFilled && { fill: faded(stroke) }),
        };
      }),
    ],
  };
}

/** Room for what is written at an axis. */
const WIDTH_OF: uPlot.Axis.Size = (_plot, values) =>
  Math.max(48, 16 + 6.2 * Math.max(0, ...(values ?? []).map((text) => String(text).length)));
const SECONDS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 3600];
const POWERS = Array.from({ length: 50 }, (_, i) => 2 ** i);
const FONT = '11px system-ui, sans-serif';
const CLOCK: uPlot.Axis.DynamicValues = (_plot, splits) =>
  splits.map((at) => new Date(at * 1000).toTimeString().slice(0, 8));

/** What a colour of the style sheet is in the present theme: a canvas cannot look it up. */
function colorOf(place: HTMLElement, name: string): string {
  place.style.color = `var(${name})`;
  const { color } = getComputedStyle(place);
  place.style.color = '';
  return color;
}

function faded(color: string): string {
  return color.replace(/^rgb\((.*)\)$/, 'rgba($1, 0.12)');
}
