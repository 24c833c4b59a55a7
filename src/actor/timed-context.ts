import type { NewTimer, TimerContext } from '../aggregate/decider.js';
import type { JsonLimits } from '../internal/json.js';
import type { Actor } from './actor.js';
import { Context } from './decide-context.js';
import type { QueuedCommand, TimerChanges } from './queued-command.js';
import { armedText, checkedKey } from './timer-changes.js';

/** The context of an aggregate with timers. What is done to them is noted with the command. */
export class TimedContext extends Context implements TimerContext<Record<string, never>> {
  readonly schedule: (timer: NewTimer<Record<string, never>>) => void;
  readonly unschedule: (key: string) => void;

  constructor(actor: Actor, command: QueuedCommand, services: unknown, limits: JsonLimits) {
    super(actor, command, services);
    const changes: TimerChanges = new Map();
    command.timers = changes;
    this.schedule = (timer) => {
      const text = armedText(actor.definition, timer, limits);
      changes.set(timer.key, text);
    };
    this.unschedule = (key) => void changes.set(checkedKey(key), undefined);
  }
}
