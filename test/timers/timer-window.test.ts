import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type StoredTimer, timerKey } from '../../src/store/timers.js';
import { TimerWindow } from '../../src/timers/timer-window.js';

const PAGE = 3;
let position = 0;
const timer = (key: string, dueAt: number): StoredTimer => {
  position += 1;
  const name = { source: 's', id: 'i', key };
  return { ...name, dueAt, position, generation: position, payload: '{}', failure: undefined };
};
const order = (a: StoredTimer, b: StoredTimer) => a.dueAt - b.dueAt || a.position - b.position;

/** The table as it is committed, what stands in the log beyond it, and the window on both. */
class Scene {
  table = new Map<string, StoredTimer>();
  log = new Map<string, StoredTimer>();
  readonly window = new TimerWindow(PAGE);

  change(key: string, dueAt: number | undefined): void {
    const ended = { source: 's', id: 'i', key, generation: ++position };
    const armed = dueAt === undefined ? [] : [timer(key, dueAt)];
    this.log.delete(timerKey(ended));
    for (const one of armed) this.log.set(timerKey(one), one);
    this.window.heard({ armed, ended: [ended] }, position);
  }

  commit(): void {
    this.table = new Map(this.log);
    this.window.committed(position);
  }

  /** Takes what is due, loading where it must, as its owner does. */
  take(now: number): StoredTimer[] {
    const taken: StoredTimer[] = [];
    for (;;) {
      if (this.window.needsLoad) {
        const limit = PAGE + taken.length;
        const page = [...this.table.values()].sort(order).slice(0, limit);
        this.window.load(page, limit, (one) => taken.some((it) => timerKey(it) === timerKey(one)));
      }
      const due = this.window.takeDue(now, 2);
      taken.push(...due);
      if (due.length === 0 && !this.window.needsLoad) return taken;
    }
  }
}

test('what is taken is what is due in the log, in due order, whatever the table knows yet', () => {
  const step = fc.oneof(
    fc.record({ key: fc.constantFrom(...'abcdefgh'), due: fc.integer({ min: 0, max: 9 }) }),
    fc.record({ key: fc.constantFrom(...'abcdefgh'), due: fc.constant(undefined) }),
    fc.constant('commit' as const),
    fc.constant('forget' as const),
    fc.constant('load' as const),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.integer({ min: 0, max: 9 }), (steps, now) => {
      const scene = new Scene();
      for (const one of steps) {
        if (one === 'commit') scene.commit();
        else if (one === 'forget') scene.window.forget();
        else if (one === 'load') scene.take(-1);
        else scene.change(one.key, one.due);
        expect(scene.window.size).toBeLessThanOrEqual(2 * PAGE + 8);
      }
      const due = [...scene.log.values()].filter(({ dueAt }) => dueAt <= now).sort(order);
      expect(scene.take(now)).toEqual(due);
    }),
    { numRuns: 500 },
  );
});
