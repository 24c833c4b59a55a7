import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// The tests use a server of their own, never the one an application in this shell would use.
delete process.env.DATABASE_URL;

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** What is waited for takes its time on a busy machine. */
const expecting = { poll: { timeout: 25_000 } };

const builtOnly = [
  ...['threads', 'process', 'browser', 'cli'].map((name) => `test/${name}/**/*.test.ts`),
  'test/examples/loans/replay/replay-cli.test.ts',
];

export default defineConfig({
  test: {
    globalSetup: ['test/global-setup.ts'],
    // Most tests wait, for a server, a clock or a process: three at a time, also on two cores.
    maxWorkers: 3,
    projects: [
      {
        // Imports src, compiled by vitest, once per worker: nothing in it keeps state beside what is made.
        resolve: {
          alias: {
            'troupe/testing/store-contract': here('./src/testing/store-contract/index.ts'),
            'troupe/testing': here('./src/testing/index.ts'),
            'troupe/http': here('./src/http/index.ts'),
            'troupe/opentelemetry': here('./src/telemetry/opentelemetry/index.ts'),
            'troupe/mcp': here('./src/mcp/index.ts'),
            'troupe/embedded': here('./src/embedded/index.ts'),
            troupe: here('./src/index.ts'),
          },
        },
        test: {
          name: 'unit',
          expect: expecting,
          include: ['test/**/*.test.ts'],
          exclude: builtOnly,
          isolate: false,
          testTimeout: 30_000,
          hookTimeout: 30_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        // Imports the package by its name, that is dist: worker threads and child processes cannot
        // load what vitest compiles.
        test: {
          name: 'threads',
          expect: expecting,
          include: builtOnly,
          globalSetup: ['test/build-setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        // Nothing runs here: the compiler checks what users of the types may and may not write.
        test: {
          name: 'types',
          include: [],
          typecheck: {
            enabled: true,
            only: true,
            include: ['test/types/**/*.test-d.ts'],
            tsconfig: 'test/types/tsconfig.json',
            // `npm run typecheck` reports those.
            ignoreSourceErrors: true,
          },
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
