import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { smallerUplot } from './smaller-uplot.js';

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
