const ORPHAN_CHECK_MS = 250;

/** The wish to stop: aborted by the first SIGINT or SIGTERM, which is then its reason. */
export interface StopRequest {
  readonly signal: AbortSignal;
  /** Lets signals do again what they do by default. */
  release(): void;
}

/**
 * Later signals are swallowed until `release`: npm passes on to its child the Ctrl-C that the
 * terminal has sent to both, and stopping takes a bounded time anyway.
 */
export function onStopRequest(): StopRequest {
  const controller = new AbortController();
  const abort = (signal: NodeJS.Signals) => controller.abort(signal);
  process.on('SIGINT', abort).on('SIGTERM', abort);
  const unwatch = onceOrphaned(() => abort('SIGTERM'));
  const release = () => {
    unwatch();
    process.off('SIGINT', abort).off('SIGTERM', abort);
  };
  return { signal: controller.signal, release };
}

/**
 * Under npm: a signal that only npm has got ends the shell between npm and this process, and the shell
 * passes nothing on. Who runs without npm may well outlive the shell that started it.
 */
function onceOrphaned(stop: () => void): () => void {
  if (process.env.npm_lifecycle_event === undefined) return () => undefined;
  const { ppid } = process;
  const timer = setInterval(() => {
    if (process.ppid !== ppid) stop();
  }, ORPHAN_CHECK_MS);
  timer.unref();
  return () => clearInterval(timer);
}
