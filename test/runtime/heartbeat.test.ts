import { expect, it } from 'vitest';
import { HeartbeatJudge } from '../../src/threads/heartbeat.js';

/** Looks at these times, each with what the heartbeat is then; what the last one says. */
function silentMs(looks: readonly (readonly [atMs: number, heartbeat: number])[]): number {
  const judge = new HeartbeatJudge();
  return looks.map(([at, heartbeat]) => judge.look(heartbeat, at)).at(-1)!;
}

const STILL = [0, 250, 500, 750, 1000].map((at) => [at, 7] as const);

it('a heart that stands still is silent for the time between looks', () => {
  expect(silentMs(STILL)).toBe(1000);
});

it('a heart that has moved since the last look is not silent', () => {
  expect(silentMs([...STILL, [1250, 8]])).toBe(0);
  expect(silentMs([...STILL, [1250, 8], [1500, 8]])).toBe(250);
});

it('H47 a look that comes late does not count, since who looks stood still as well', () => {
  expect(
    silentMs([
      [0, 7],
      [250, 7],
      [60_000, 7],
    ]),
  ).toBe(250);
});

it('H47 nor does it take back what others have seen, or who is held up now and then would never know', () => {
  expect(silentMs([...STILL, [3000, 7], [3250, 7]])).toBe(1250);
});
