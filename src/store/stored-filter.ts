/** Which stored events are wanted: names and types as they stand in the log. */
export interface StoredFilter {
  /** All aggregates but reserved ones. */
  readonly all: boolean;
  /** And those too. */
  readonly reserved?: boolean;
  /** Aggregates of which every event is wanted. */
  readonly aggregates: readonly string[];
  /** Pairs of aggregate and type. */
  readonly types: readonly (readonly [aggregate: string, type: string])[];
}
