import { parseInstant } from './instant.js';
import { XesError, type XesErrorCode } from './xes-error.js';
import type { XesAttribute, XesEvent, XesTrace } from './xes-trace.js';

type Attributes = Readonly<Record<string, string>>;
type TextField = 'activity' | 'lifecycle' | 'resource';

interface TraceDraft {
  readonly line: number;
  readonly attributes: Map<string, XesAttribute>;
  readonly events: XesEvent[];
}

const parentOf = { log: 'document', trace: 'log', event: 'trace' } as const;
const plainAttributes = new Set(['string', 'date', 'int', 'float', 'boolean', 'id']);
const eventFields = new Map<string, TextField | 'timestamp'>([
  ['concept:name', 'activity'],
  ['lifecycle:transition', 'lifecycle'],
  ['time:timestamp', 'timestamp'],
  ['org:resource', 'resource'],
]);

/**
 * Turns the elements of an XES document into traces.
 *
 *     document > log > trace > event
 *
 * Every other element (attribute, list, declaration) opens a side branch; what is nested in one is skipped.
 */
export class TraceAssembler {
  readonly #path: string;
  readonly #maxTraceEvents: number;
  #level: 'document' | 'log' | 'trace' | 'event' = 'document';
  #sideDepth = 0;
  #trace: TraceDraft = { line: 0, attributes: new Map(), events: [] };
  #event: { [Field in TextField]?: string } & { timestamp?: number } = {};
  #eventLine = 0;
  #finished: XesTrace[] = [];

  constructor(path: string, maxTraceEvents: number) {
    this.#path = path;
    this.#maxTraceEvents = maxTraceEvents;
  }

  /** The traces finished since the last call. */
  takeFinished(): readonly XesTrace[] {
    const finished = this.#finished;
    this.#finished = [];
    return finished;
  }

  open(name: string, attributes: Attributes, line: number): void {
    if (name === 'log' || name === 'trace' || name === 'event') this.#openStructure(name, line);
    else if (this.#level === 'document') this.#failRoot(name, line);
    else if (this.#sideDepth++ === 0 && plainAttributes.has(name)) this.#take(attributes, line);
  }

  close(): void {
    if (this.#sideDepth > 0) this.#sideDepth--;
    else if (this.#level === 'event') this.#finishEvent();
    else if (this.#level === 'trace') this.#finishTrace();
  }

  #openStructure(name: keyof typeof parentOf, line: number): void {
    if (this.#level === 'document' && name !== 'log') this.#failRoot(name, line);
    if (this.#level !== parentOf[name] || this.#sideDepth > 0) this.#failMisplaced(name, line);
    this.#level = name;
    if (name === 'trace') this.#trace = { line, attributes: new Map(), events: [] };
    if (name === 'event') this.#event = {};
    this.#eventLine = line;
  }

  #take({ key, value }: Attributes, line: number): void {
    if (this.#level === 'log') return;
    if (key === undefined || value === undefined) {
      this.#fail('MISSING_ATTRIBUTE', line, 'an attribute needs a key and a value');
    }
    if (this.#level === 'event') this.#describeEvent(key, value, line);
    else if (this.#trace.attributes.has(key)) this.#failRepeated(key, line);
    else this.#trace.attributes.set(key, { value, line });
  }

  #describeEvent(key: string, value: string, line: number): void {
    const field = eventFields.get(key);
    if (field === undefined) return;
    if (this.#event[field] !== undefined) this.#failRepeated(key, line);
    if (field === 'timestamp') this.#event.timestamp = this.#instant(value, line);
    else this.#event[field] = value;
  }

  #instant(text: string, line: number): number {
    return (
      parseInstant(text) ??
      this.#fail('BAD_DATE', line, `"${text}" is not an ISO 8601 date and time with an offset`)
    );
  }

  #finishEvent(): void {
    const { activity, timestamp, lifecycle, resource } = this.#event;
    const { events } = this.#trace;
    const line = this.#eventLine;
    if (activity === undefined) this.#failMissing('event', 'concept:name', line);
    if (timestamp === undefined) this.#failMissing('event', 'time:timestamp', line);
    if (events.length === this.#maxTraceEvents) {
      this.#fail('TRACE_TOO_LONG', line, `trace has more than ${this.#maxTraceEvents} events`);
    }
    events.push({
      index: events.length,
      line,
      activity,
      timestamp,
      lifecycle,
      resource,
    });
    this.#level = 'trace';
  }

  #finishTrace(): void {
    const name = this.#trace.attributes.get('concept:name')?.value;
    if (name === undefined) this.#failMissing('trace', 'concept:name', this.#trace.line);
    this.#finished.push({ ...this.#trace, name });
    this.#level = 'log';
  }

  #failRoot(name: string, line: number): never {
    return this.#fail('WRONG_ROOT', line, `the root element is <${name}>, not <log>`);
  }

  #failMisplaced(name: string, line: number): never {
    if (name === 'event') return this.#fail('EVENT_OUTSIDE_TRACE', line, '<event> outside a trace');
    return this.#fail('MISPLACED_ELEMENT', line, `<${name}> inside a <${this.#level}>`);
  }

  #failMissing(element: string, key: string, line: number): never {
    return this.#fail('MISSING_ATTRIBUTE', line, `${element} without ${key}`);
  }

  #failRepeated(key: string, line: number): never {
    return this.#fail('REPEATED_ATTRIBUTE', line, `${key} is given twice`);
  }

  #fail(code: XesErrorCode, line: number, problem: string): never {
    throw new XesError(code, { path: this.#path, line }, problem);
  }
}
