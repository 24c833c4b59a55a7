import type { FeedEvent } from '../dispatcher/subscription.js';
import { conversationOf } from '../messages/conversation.js';
import { BECAME, EFFECT_RESULTS, FATES } from '../telemetry/feed-metrics.js';
import { FEED_CELL, FeedTelemetry } from '../telemetry/feed-telemetry.js';
import type { Saga } from './saga.js';
import type { CommandFate } from './saga-input.js';
import type { Stepped } from './stepped.js';

/** Counts what a saga does, and publishes its steps where somebody listens. */
export class SagaMeter {
  private telemetry = new FeedTelemetry();

  constructor(private readonly saga: Pick<Saga, 'name'>) {}

  countIn(telemetry: FeedTelemetry): void {
    this.telemetry = telemetry;
  }

  /** A step is stored, and its commands are sent. */
  step({ id, data, metadata }: Pick<FeedEvent, 'id' | 'data' | 'metadata'>): void {
    const { step, at, input, became, status, commands, effects } = data as Stepped;
    this.telemetry.figures.add(FEED_CELL.sagaSteps + BECAME.indexOf(became));
    if (!this.telemetry.hears('sagaStep')) return;
    this.telemetry.publish('sagaStep', {
      ...{ saga: this.saga.name, id, step, at, became, status, input: input.kind },
      ...{ commands: commands.length, effects: effects.length },
      traceparent: conversationOf(metadata).traceparent,
    });
  }

  readonly fate = (kind: CommandFate['kind']): void => {
    this.telemetry.figures.add(FEED_CELL.sagaCommands + FATES.indexOf(kind));
  };

  effect(result: (typeof EFFECT_RESULTS)[number]): void {
    this.telemetry.figures.add(FEED_CELL.sagaEffects + EFFECT_RESULTS.indexOf(result));
  }
}
