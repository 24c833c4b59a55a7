/** Names one stream. */
export interface StreamName {
  readonly aggregate: string;
  readonly id: string;
}
