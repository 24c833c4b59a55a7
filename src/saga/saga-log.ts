/** A value that a machine logged with `log(...)`: plain JSON. */
export interface SagaLog {
  readonly label: string | undefined;
  readonly value: unknown;
}
