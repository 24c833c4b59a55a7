/** When snapshots of an aggregate's state are taken. */
export interface SnapshotOptions {
  /** A snapshot is due every this many events; 0 = never. Default 100. */
  readonly every?: number;
  /** At passivation, if at least this many events were stored since the last one; 0 = never. Default 20. */
  readonly atPassivation?: number;
}

/** Resolved `SnapshotOptions`. */
export type SnapshotPolicy = Required<SnapshotOptions>;

/** Fills in the defaults. */
export function resolveSnapshotPolicy(options: SnapshotOptions = {}): SnapshotPolicy {
  return { every: options.every ?? 100, atPassivation: options.atPassivation ?? 20 };
}

/** Is a snapshot due at `version`, when the last one was taken at `snapshotVersion`? */
export function snapshotIsDue(
  policy: SnapshotPolicy,
  version: number,
  snapshotVersion: number,
): boolean {
  return policy.every > 0 && version - snapshotVersion >= policy.every;
}

/** Is a snapshot worth taking when the actor leaves memory? */
export function snapshotIsDueAtPassivation(
  policy: SnapshotPolicy,
  version: number,
  snapshotVersion: number,
): boolean {
  return policy.atPassivation > 0 && version - snapshotVersion >= policy.atPassivation;
}
