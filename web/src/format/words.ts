/** What a status means for who looks: all is well, work is going on, look at it, act. */
export type Tone = 'ok' | 'busy' | 'warn' | 'bad' | 'quiet';

const TONES: Readonly<Record<string, Tone>> = {
  running: 'ok',
  live: 'ok',
  done: 'ok',
  accepted: 'ok',
  ready: 'ok',
  retried: 'ok',
  open: 'ok',
  active: 'busy',
  busy: 'busy',
  committing: 'busy',
  recovering: 'busy',
  catchingUp: 'busy',
  rebuilding: 'busy',
  starting: 'busy',
  replaced: 'busy',
  deciding: 'busy',
  connecting: 'busy',
  retrying: 'warn',
  backingOff: 'warn',
  paused: 'warn',
  rejected: 'warn',
  skipped: 'warn',
  unanswered: 'warn',
  quarantined: 'bad',
  blocked: 'bad',
  parked: 'bad',
  stopped: 'bad',
  refused: 'bad',
  failed: 'bad',
  unknown: 'bad',
  lost: 'bad',
};

/** The tone of a status; quiet for one that says that nothing happens. */
export function toneOf(status: string): Tone {
  return TONES[status] ?? 'quiet';
}

/** A word of code as people write it: `backingOff` is `backing off`. */
export function spoken(word: string): string {
  return word.replace(
    /([a-z])([A-Z])/g,
    (_, end: string, start: string) => `${end} ${start.toLowerCase()}`,
  );
}

/** `1 event`, `2 events`. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${value.toLocaleString('en')} ${value === 1 ? one : many}`;
}

/** The key of a timer as people read it: `xstate.after.patience.intake.waiting` is `after patience`. */
export function delayName(key: string): string {
  const [, delay] = /^xstate\.after\.([^.]+)\./.exec(key) ?? [];
  if (delay === undefined) return key;
  return /^\d+$/.test(delay) ? `after ${delay} ms` : `after ${delay}`;
}
