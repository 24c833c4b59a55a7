import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

/** Lines that are not drawn here, as uPlot has them; what only they use is left out with them. */
const UNUSED = /\(paths\.(stepped|bars|spline) *= \w+\);/g;

/** uPlot without what is not used of it. */
const smallerUplot = {
  name: 'smaller-uplot',
  /** @param {string} code @param {string} id */
  transform(code, id) {
    if (!id.endsWith('uPlot.esm.js')) return undefined;
    if (code.match(UNUSED)?.length !== 3)
      throw new Error('smaller-uplot: this uPlot names its lines in another way');
    return { code: code.replaceAll(UNUSED, ''), map: null };
  },
};

// One script and one style sheet, both named after their content. Links are relative: the server puts the
// path in front of them under which it is mounted.
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  publicDir: false,
  plugins: [smallerUplot],
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
