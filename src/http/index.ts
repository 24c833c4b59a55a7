export type { Action, Authorize, Principal, RequestInfo, Verdict } from './action.js';
export type { TokenOf } from './bearer-token.js';
export { createHttp, type Http } from './create-http.js';
export type { FieldError } from './http-error.js';
export type { HttpOptions } from './http-options.js';
export type {
  Asker,
  Inside,
  InsideAnswer,
  InsideOptions,
  McpMount,
  Question,
} from './mcp-mount.js';
export type { Problem } from './problem.js';
export type { Redact, Redactable } from './redaction.js';
export type { RuntimeView } from './runtime-view.js';
export { type HttpServer, type ServeOptions, serveHttp } from './serve-http.js';
export type { ToJsonSchema } from './to-json-schema.js';
