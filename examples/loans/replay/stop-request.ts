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
  const release = () => void process.off('SIGINT', abort).off('SIGTERM', abort);
  return { signal: controller.signal, release };
}
