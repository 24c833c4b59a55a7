/** How an error of the runtime is answered. */
export interface ProblemKind {
  readonly status: number;
  /** Number of the code; those of the domain begin with 1000 where a prefix has a number. */
  readonly internalCode: number;
  readonly title: string;
  /** Seconds after which it makes sense to try again. */
  readonly retryAfter?: number;
}

const kinds = (
  table: Readonly<Record<string, readonly [number, number, string, number?]>>,
): ReadonlyMap<string, ProblemKind> =>
  new Map(
    Object.entries(table).map(([code, [internalCode, status, title, retryAfter]]) => [
      code,
      { status, internalCode, title, ...(retryAfter !== undefined && { retryAfter }) },
    ]),
  );

/** By code. A command answered with any of these but `OutcomeUnknown` was certainly not executed. */
export const PROBLEMS = kinds({
  InternalError: [1, 500, 'Something went wrong here'],
  CommandFailed: [2, 500, 'The domain has a bug that this command met'],
  StreamUnreadable: [3, 500, 'A stored event cannot be read'],
  OutcomeUnknown: [4, 504, 'It is not known yet whether the command was executed', 1],
  Unavailable: [5, 503, 'The database cannot be reached', 1],
  StoreUnavailable: [6, 503, 'The database cannot be reached', 1],
  Stopping: [7, 503, 'This process is shutting down', 1],
  NotOwner: [8, 503, 'Another process owns the log', 1],
  DeadlineExceeded: [9, 503, 'The command was not decided in time', 1],
  Contended: [10, 503, 'Other writers were faster each time', 1],
  Overtaken: [11, 503, 'A later command was executed before this one', 1],
  Aborted: [12, 503, 'The command was given up', 1],
  ViewNotReady: [13, 503, 'The view cannot answer yet', 1],
  Overloaded: [14, 429, 'Too many commands are under way', 1],
  VersionConflict: [15, 409, 'The stream has another version'],
  PreconditionFailed: [16, 412, 'The stream has another version'],
  KeyReused: [17, 422, 'The idempotency key was used for another command'],
  InvalidCommand: [18, 422, 'The command does not fit its schema'],
  UnknownCommand: [19, 404, 'There is no such command'],
  UnknownAggregate: [20, 404, 'There is no such aggregate'],
  UnknownView: [21, 404, 'There is no such view'],
  UnknownRoute: [22, 404, 'There is no such route'],
  UnknownOutcome: [23, 404, 'Nothing is known of this command here'],
  NoDocument: [24, 404, 'The view has no such document'],
  InvalidId: [25, 400, 'This cannot be an id'],
  InvalidPath: [26, 400, 'The path cannot be read'],
  InvalidQuery: [27, 400, 'The query cannot be read'],
  InvalidHeader: [28, 400, 'A header cannot be read'],
  InvalidBody: [29, 400, 'The body cannot be read'],
  IdempotencyKeyMissing: [30, 400, 'An Idempotency-Key is required'],
  BodyTooLarge: [31, 413, 'The body is too large'],
  UnsupportedMediaType: [32, 415, 'The body has to be JSON'],
  MethodNotAllowed: [33, 405, 'The route has no such method'],
  Unauthenticated: [34, 401, 'Who you are is not known'],
  Forbidden: [35, 403, 'You may not do this'],
  NotProtected: [36, 403, 'Nobody from elsewhere is answered'],
  CommandsOff: [37, 403, 'Commands over HTTP are switched off'],
  PageNotInstalled: [38, 404, 'The page is not installed'],
  Quarantined: [39, 423, 'An operator keeps commands from this instance'],
  VerbsOff: [40, 403, 'What operators do is switched off over HTTP'],
  NoSuchStream: [41, 404, 'There is no such instance'],
  NoSuchVersion: [42, 404, 'The stream has no such version'],
  StateTooLarge: [43, 422, 'The state is too large to be shown'],
  InspectionBlocked: [44, 503, 'Code of the domain did not end', 5],
  DryRunNeedsServices: [45, 422, 'The decider uses services that have no stand-ins'],
  UnknownSubscription: [46, 404, 'There is no such subscription'],
  NotParked: [47, 409, 'Nothing of this stream is parked there'],
  UnknownSaga: [48, 404, 'There is no such saga'],
  SagaNotFound: [49, 404, 'The saga has no such instance'],
  SagaNotParked: [50, 409, 'The instance is not parked'],
  NotIndexed: [51, 404, 'The log has no such index'],
  NoSubscriptions: [52, 404, 'This log keeps no subscriptions'],
  UnknownMachine: [61, 404, 'The saga has no such machine'],
  NotSupported: [60, 409, 'This subscription cannot do that'],
  InlineProjectionsDiffer: [
    53,
    503,
    'This process does not run the inline projections of the log',
    5,
  ],
});
