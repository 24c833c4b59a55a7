import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { linesOverTime } from './lines-over-time.js';

/**
 * What is not used of uPlot, and what stands in its place: kinds of lines, scales that are not linear, and its
 * legend. With each goes what only it uses. The counts tell whether another uPlot still names them so.
 * @type {readonly (readonly [RegExp, string, number])[]}
 */
const UNUSED = [
  [/\(paths\.(stepped|bars|spline) *= \w+\);/g, '', 3],
  [/\b(sc\.|wsc\.)?distr == [34]\b/g, 'false', 18],
  [/const showLegend = legend\.show;/g, 'const showLegend = false;', 1],
];

/** uPlot without what is not used of it. */
const smallerUplot = {
  name: 'smaller-uplot',
  /** @param {string} code @param {string} id */
  transform(code, id) {
    if (!id.endsWith('uPlot.esm.js')) return undefined;
    let smaller = code;
    for (const [pattern, instead, count] of UNUSED) {
      const found = smaller.match(pattern)?.length ?? 0;
      if (found !== count)
        throw new Error(`smaller-uplot: ${pattern}: expected ${count}, found ${found}`);
      smaller = smaller.replaceAll(pattern, instead);
    }
    return { code: smaller, map: null };
  },
};

// One script and one style sheet, both named after their content. Links are relative: the server puts the
// path in front of them under which it is mounted.
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  publicDir: false,
  plugins: [smallerUplot, linesOverTime],
  build: {
    assetsDir: 'dashboard',
    // A file of its own may be cached for ever; a data URL would need more of the policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: ['chrome123', 'firefox121', 'safari17.5'],
    chunkSizeWarningLimit: 400,
    emptyOutDir: true,
  },
});
