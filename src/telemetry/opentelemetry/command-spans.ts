import {
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import type { AppendRecord, CommandTrace } from '../channels.js';
import { parentOf } from './parent.js';
import { endOf } from './request-spans.js';
import { isSampled, toTraceparent } from './traceparent.js';

/** Commands whose span is remembered, for the append that is told after their answer. */
const MAX_KNOWN = 10_000;
const FAILURES: readonly unknown[] = ['refused', 'failed', 'unknown'];

/** Spans of commands, and of the appends that stored them. */
export class CommandSpans {
  private readonly open = new WeakMap<object, Span>();
  private readonly known = new Map<string, SpanContext>();

  constructor(private readonly tracer: Tracer) {}

  readonly handlers = {
    start: (command: CommandTrace): void => this.start(command),
    end: (): void => undefined,
    asyncStart: (): void => undefined,
    asyncEnd: (command: CommandTrace): void => this.end(command),
    error: (): void => undefined,
  };

  /** Of each command of a batch its own, so that it is in that command's trace. */
  appended(record: AppendRecord): void {
    const { shard, result, events, bytes, startedAt, commandIds } = record;
    for (const commandId of new Set(commandIds)) {
      const command = this.known.get(commandId);
      if (!command || !isSampled(command)) continue;
      const span = this.tracer.startSpan(
        'append',
        {
          startTime: startedAt,
          attributes: {
            ...{ 'troupe.shard': shard, 'troupe.append.result': result },
            ...{ 'troupe.batch.events': events, 'troupe.batch.bytes': bytes },
          },
        },
        trace.setSpanContext(ROOT_CONTEXT, command),
      );
      if (result !== 'stored') span.setStatus({ code: SpanStatusCode.ERROR, message: result });
      span.end(endOf(record));
    }
  }

  private start(command: CommandTrace): void {
    const { aggregate, id, type, commandId, correlationId, traceparent, startedAt } = command;
    const span = this.tracer.startSpan(
      `${aggregate} ${type}`,
      {
        kind: SpanKind.INTERNAL,
        startTime: startedAt,
        attributes: {
          ...{ 'troupe.aggregate': aggregate, 'troupe.id': id, 'troupe.command': type },
          ...{ 'troupe.command_id': commandId, 'troupe.correlation_id': correlationId },
        },
      },
      parentOf(traceparent),
    );
    command.traceparent = toTraceparent(span.spanContext());
    this.open.set(command, span);
    this.remember(commandId, span.spanContext());
  }

  private end(command: CommandTrace): void {
    const span = this.open.get(command);
    if (!span) return;
    const { outcome, code, version, position, events } = command;
    span.setAttributes({
      ...(outcome !== undefined && { 'troupe.outcome': outcome }),
      ...(code !== undefined && { 'troupe.code': code }),
      ...(version !== undefined && { 'troupe.version': version }),
      ...(position !== undefined && { 'troupe.position': position }),
      ...(events !== undefined && { 'troupe.events': events }),
    });
    if (FAILURES.includes(outcome))
      span.setStatus({ code: SpanStatusCode.ERROR, ...(code !== undefined && { message: code }) });
    span.end(endOf(command));
  }

  private remember(commandId: string, context: SpanContext): void {
    this.known.set(commandId, context);
    if (this.known.size <= MAX_KNOWN) return;
    const [oldest] = this.known.keys();
    if (oldest !== undefined) this.known.delete(oldest);
  }
}
