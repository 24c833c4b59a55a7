/** One event of a case, as the standard extensions of XES describe it. */
export interface XesEvent {
  /** Place in its case, from 0. */
  readonly index: number;
  /** Line of the element in the unpacked file, from 1. */
  readonly line: number;
  /** `concept:name`. */
  readonly activity: string;
  /** `lifecycle:transition`, if given. */
  readonly lifecycle: string | undefined;
  /** `time:timestamp` as an instant, in Unix milliseconds. */
  readonly timestamp: number;
  /** `org:resource`, if given. */
  readonly resource: string | undefined;
}

/** The text of an attribute and where it stands. */
export interface XesAttribute {
  readonly value: string;
  readonly line: number;
}

/** One case: its name, its own plain attributes (nested ones are left out) and its events in file order. */
export interface XesTrace {
  readonly line: number;
  /** `concept:name`. */
  readonly name: string;
  readonly attributes: ReadonlyMap<string, XesAttribute>;
  readonly events: readonly XesEvent[];
}
