import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { SetupError } from '../messages/errors.js';

/** Whether this code runs from TypeScript sources, as under tsx. */
const FROM_SOURCE = import.meta.url.endsWith('.ts');

/** File of a thread's entry in `workers/`, as source or as built. */
export function workerFile(name: string): string {
  return fileURLToPath(
    new URL(`../../workers/${name}${FROM_SOURCE ? '.ts' : '.js'}`, import.meta.url),
  );
}

/**
 * The domain module as it is to be imported: a `.ts` file that does not exist stands for the `.js`
 * beside it, so that the same line works from source and built.
 */
export function resolveModule(url: URL): URL {
  if (url.protocol !== 'file:' || !url.pathname.endsWith('.ts') || existsSync(url)) return url;
  const built = new URL(url);
  built.pathname = built.pathname.replace(/\.ts$/, '.js');
  return built;
}

/** Options of the thread's Node: a loader, if the entry or the domain module is TypeScript. */
export function execArgvFor(domain: URL): string[] {
  const inherited = process.execArgv.flatMap(keptArgument);
  return FROM_SOURCE || domain.pathname.endsWith('.ts')
    ? [...inherited, '--import', typescriptLoader(domain)]
    : inherited;
}

/** Source maps, and the conditions under which packages are resolved; their value may stand apart. */
function keptArgument(arg: string, index: number, all: readonly string[]): string[] {
  if (arg === '--conditions' || arg === '-C') return [arg, ...all.slice(index + 1, index + 2)];
  return arg === '--enable-source-maps' || arg.startsWith('--conditions=') ? [arg] : [];
}

/**
 * URL of a module that lets a thread import TypeScript through tsx, found from where the domain module is. On
 * Node 20 `--import tsx` registers its hooks in the main thread only.
 */
export function typescriptLoader(domain: URL): string {
  let api: URL;
  try {
    const manifest = createRequire(domain).resolve('tsx/package.json');
    const { exports } = JSON.parse(readFileSync(manifest, 'utf8')) as {
      exports: { './esm/api': { import: { default: string } } };
    };
    api = new URL(exports['./esm/api'].import.default, pathToFileURL(manifest));
  } catch (error) {
    const message = `The domain module ${domain.href} is TypeScript, and tsx is not installed beside it: install tsx, or give the URL of the compiled module`;
    throw new SetupError('TypeScriptLoaderMissing', message, { domain: domain.href }, error);
  }
  const source = `import { register } from ${JSON.stringify(api.href)}; register();`;
  return `data:text/javascript,${encodeURIComponent(source)}`;
}
