// The module that the host and the shard threads of `npm start` load: the loans, and the live load beside them.
export * from '../domain.js';
export { creditBureau } from './credit-bureau.js';
export { customerFile } from './customer-file.js';
export { intake } from './intake.js';
export { letters } from './letters.js';
