/*
 * uPlot without what the dashboard does not use of it: what stands behind a condition that never holds, or is
 * named by nobody, is left out by the minifier. How often each place occurs is told, so that another version of
 * uPlot is not cut unseen.
 */
const PLACES = [
  // Lines in steps, bars and curves.
  { pattern: /\(paths\.(stepped|bars|spline) *= \w+\);/g, becomes: '', times: 3 },
  // What it lends to others.
  { pattern: /^\t*uPlot\.\w+ *= \w+;$/gm, becomes: '', times: 13 },
  // Its legend: the dashboard has its own.
  { pattern: /\bshowLegend\b(?! =)/g, becomes: 'false', times: 9 },
  // Axes of times as it writes them: the dashboard writes them itself.
  { pattern: /\bisTime\b(?! =)/g, becomes: 'false', times: 7 },
  { pattern: /const _time(AxisSplits|AxisVals|SeriesVal) .*;/g, becomes: '', times: 3 },
  { pattern: /const _fmtDate .*;/g, becomes: '', times: 1 },
  // Scales that are not linear, and charts that are not of lines over one axis.
  { pattern: /\b((w?sc|scale|scaleX)\.)?distr == +(3|4|100)\b/g, becomes: 'false', times: 23 },
  { pattern: /\bxScaleDistr == (3|4)\b/g, becomes: 'false', times: 2 },
  { pattern: /\bsc\.distr >= 3\b/g, becomes: 'false', times: 1 },
  { pattern: /\bmode == 2\b/g, becomes: 'false', times: 16 },
  { pattern: /\bmode == 1\b/g, becomes: 'true', times: 16 },
];

/** A plugin of vite. */
export const smallerUplot = {
  name: 'smaller-uplot',
  /** @param {string} code @param {string} id */
  transform(code, id) {
    if (!id.endsWith('uPlot.esm.js')) return undefined;
    return { code: PLACES.reduce(cut, code), map: null };
  },
};

/**
 * @param {string} code
 * @param {{ pattern: RegExp, becomes: string, times: number }} place
 */
function cut(code, { pattern, becomes, times }) {
  const found = code.match(pattern)?.length ?? 0;
  if (found !== times)
    throw new Error(
      `smaller-uplot: ${pattern} occurs ${found} times in this uPlot, expected ${times}`,
    );
  return code.replaceAll(pattern, becomes);
}
