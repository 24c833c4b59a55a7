import { TroupeError } from '../messages/errors.js';

/** The database cannot be reached, or cannot serve now. What was asked may be asked again. */
export class StoreUnavailable extends TroupeError {
  constructor(message: string, cause?: unknown) {
    super('StoreUnavailable', message, {}, cause);
  }
}
