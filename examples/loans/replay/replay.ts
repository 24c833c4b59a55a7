import {
  type PlainNotice,
  type PostgresOptions,
  type Runtime,
  type RuntimeOptions,
  startRuntime,
} from 'troupe';
import { loanApplication } from '../loan-application.js';
import { readLoanCases } from '../loan-case.js';
import { type SendLogOptions, type SentLog, sendLog } from './send-log.js';
import { readStoredLog, type StoredLog } from './stored-log.js';

/** How a log is replayed. */
export interface ReplaySetup extends Pick<SendLogOptions, 'inFlight' | 'signal' | 'onProgress'> {
  readonly file: string;
  readonly store: PostgresOptions;
  readonly shards: number | undefined;
  /** Default: the domain of this example, with its views. */
  readonly domain?: URL;
  /** Default: none. */
  readonly indexes?: RuntimeOptions['indexes'];
  /** Told when the runtime has something to tell: commits are delayed, a shard was replaced. */
  readonly onNotice: (message: string) => void;
}

/** A replay that ran to its end; `stored` is what a runtime found that was started afterwards. */
export interface Replay {
  readonly sent: SentLog;
  readonly stored: StoredLog;
}

/** Starts the runtime for loan applications. */
export async function startLoans({
  store,
  shards,
  domain = new URL('../domain.ts', import.meta.url),
  indexes,
  onNotice,
}: Pick<ReplaySetup, 'store' | 'shards' | 'domain' | 'indexes' | 'onNotice'>): Promise<Runtime> {
  const runtime = await startRuntime({
    startTimeoutMs: 0, // whoever replays a file waits at a terminal
    domain,
    store,
    ...(shards !== undefined && { shards }),
    ...(indexes && { indexes }),
    // A second run may come after years.
    keepOutcomesMs: Number.POSITIVE_INFINITY,
    freezeState: false,
  });
  const tell = onceEach(onNotice);
  for (const name of ['degraded', 'recovered', 'warning', 'error'] as const) runtime.on(name, tell);
  return runtime;
}

/** While the database is away, the runtime tells so at every attempt. */
function onceEach(onNotice: (message: string) => void): (notice: PlainNotice) => void {
  const told = new Set<string>();
  return ({ kind, message }) => {
    if (kind === 'recovered') told.clear();
    if (!told.has(message)) onNotice(message);
    told.add(message);
  };
}

/** Sends a log into the store. What was aborted is continued by the next run. */
export function sendFile(setup: ReplaySetup): Promise<SentLog> {
  return withLoans(setup, (runtime) =>
    sendLog(readLoanCases(setup.file), { ...setup, client: runtime.aggregate(loanApplication) }),
  );
}

/**
 * Sends a log, starts anew, lets pass the time until the log ends and reads what is stored. Resolves to
 * undefined if it was aborted.
 */
export async function replay(setup: ReplaySetup): Promise<Replay | undefined> {
  const sent = await sendFile(setup);
  if (setup.signal.aborted) return undefined;
  const stored = await withLoans(setup, async (runtime) => {
    await runtime.advanceTo(sent.endsAt);
    return await readStoredLog(runtime, [...sent.cases.keys()]);
  }).catch((error: unknown) => {
    // Whatever waits for a runtime that stops fails.
    if (!setup.signal.aborted) throw error;
  });
  return setup.signal.aborted || !stored ? undefined : { sent, stored };
}

/** Works with a runtime that is stopped afterwards, and at once when the replay is aborted. */
async function withLoans<Result>(
  setup: ReplaySetup,
  work: (runtime: Runtime) => Promise<Result>,
): Promise<Result> {
  const runtime = await startLoans(setup);
  // Nothing more is sent then, and `stop` ends the waiting for a database that is away.
  const stop = () => void runtime.stop();
  setup.signal.addEventListener('abort', stop, { once: true });
  if (setup.signal.aborted) stop(); // while it was starting
  try {
    return await work(runtime);
  } finally {
    setup.signal.removeEventListener('abort', stop);
    await runtime.stop();
  }
}
