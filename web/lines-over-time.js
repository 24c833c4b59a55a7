/*
 * Of uPlot, lines over one axis are drawn here, whose times the dashboard writes itself: so charts of other modes,
 * the writing of times and what uPlot lends to others can be left out too. As in the configuration, the counts
 * tell whether another uPlot still names them so.
 * @type {readonly (readonly [RegExp, string, number])[]}
 */
const UNUSED = [
  [/^\t*uPlot\.\w+ *= \w+;$/gm, '', 13],
  [/\bisTime\b(?! =)/g, 'false', 7],
  [/const _time(AxisSplits|AxisVals|SeriesVal) .*;/g, '', 3],
  [/const _fmtDate .*;/g, '', 1],
  [/\b(sc\.)?distr == 100\b/g, 'false', 4],
  [/\bxScaleDistr == (3|4)\b/g, 'false', 2],
  [/\bsc\.distr >= 3\b/g, 'false', 1],
  [/\bmode == 2\b/g, 'false', 16],
  [/\bmode == 1\b/g, 'true', 16],
];

/** A plugin of vite. */
export const linesOverTime = {
  name: 'lines-over-time',
  /** @param {string} code @param {string} id */
  transform(code, id) {
    if (!id.endsWith('uPlot.esm.js')) return undefined;
    return { code: UNUSED.reduce(without, code), map: null };
  },
};

/**
 * @param {string} code
 * @param {readonly [RegExp, string, number]} unused
 */
function without(code, [pattern, instead, count]) {
  const found = code.match(pattern)?.length ?? 0;
  if (found === count) return code.replaceAll(pattern, instead);
  throw new Error(`lines-over-time: ${pattern}: expected ${count}, found ${found}`);
}
