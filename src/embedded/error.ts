import { TroupeError } from '../messages/errors.js';

/** Why `embeddedPostgres` could not do what was asked. */
export type EmbeddedErrorCode =
  | 'EmbeddedOptionInvalid'
  | 'EmbeddedPackageMissing'
  | 'EmbeddedPlatformUnsupported'
  | 'EmbeddedBinariesUnusable'
  | 'EmbeddedUserMissing'
  | 'EmbeddedFolderDenied'
  | 'EmbeddedFolderUnsafe'
  | 'EmbeddedFolderUnreachable'
  | 'EmbeddedFolderBusy'
  | 'EmbeddedVersionMismatch'
  | 'EmbeddedInitFailed'
  | 'EmbeddedStartFailed'
  | 'EmbeddedStopFailed';

/**
 * The one error of `troupe/embedded`. Recognise it by its literal `code`; `message` is one sentence
 * that says what to do, `details` names the folder, option or package it is about.
 */
export class EmbeddedPostgresError extends TroupeError {
  declare readonly code: EmbeddedErrorCode;

  constructor(code: EmbeddedErrorCode, message: string, details: object = {}, cause?: unknown) {
    super(code, message, { ...details }, cause);
  }
}

/** The `code` of a system error such as `ENOENT`, or undefined. */
export function systemCode(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
