import { readdir, readFile, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

/** A file as it is served. */
export interface BuiltFile {
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly gzipped: Uint8Array<ArrayBuffer>;
}

/** The dashboard as it was built. */
export interface BuiltDashboard {
  /** The page; its links are relative to the path under which all this is mounted. */
  readonly page: string;
  /** What the page links to, by names that tell the content. */
  readonly files: ReadonlyMap<string, BuiltFile>;
}

const PAGE = 'index.html';
const FILES = 'dashboard';
const TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
};
const compress = promisify(gzip);

/** Where the build puts the dashboard: beside the compiled sources, also for who runs the sources themselves. */
export function builtFolder(): URL {
  const isSource = import.meta.url.endsWith('.ts');
  return new URL(isSource ? '../../../dist/web/' : '../../../web/', import.meta.url);
}

/** Reads the dashboard from its folder, once for each build of it. */
export class DashboardFiles {
  private read: { readonly builtAt: number; readonly dashboard: BuiltDashboard } | undefined;

  constructor(private readonly folder: URL = builtFolder()) {}

  /** Undefined while it is not built. */
  async load(): Promise<BuiltDashboard | undefined> {
    try {
      const { mtimeMs: builtAt } = await stat(new URL(PAGE, this.folder));
      if (this.read?.builtAt !== builtAt)
        this.read = { builtAt, dashboard: await readDashboard(this.folder) };
      return this.read.dashboard;
    } catch (error) {
      // A build may just be putting it in its place.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }
}

async function readDashboard(folder: URL): Promise<BuiltDashboard> {
  const page = await readFile(new URL(PAGE, folder), 'utf8');
  const names = await readdir(new URL(`${FILES}/`, folder));
  const files = names.map(async (name): Promise<[string, BuiltFile]> => {
    const bytes = new Uint8Array(await readFile(new URL(`${FILES}/${name}`, folder)));
    const type = TYPES[name.split('.').at(-1) ?? ''] ?? 'application/octet-stream';
    return [name, { type, bytes, gzipped: new Uint8Array(await compress(bytes, { level: 9 })) }];
  });
  return { page, files: new Map(await Promise.all(files)) };
}
