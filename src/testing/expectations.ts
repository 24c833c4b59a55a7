import assert, { AssertionError } from 'node:assert';

/** Throws an `AssertionError` with a readable difference unless both are deeply and strictly equal. */
export function expectEqual(what: string, actual: unknown, expected: unknown): void {
  try {
    assert.deepStrictEqual(actual, expected);
  } catch (error) {
    const difference = error instanceof Error ? error.message : String(error);
    throw new AssertionError({
      message: `${what}: ${difference}`,
      actual,
      expected,
      operator: 'deepStrictEqual',
      stackStartFn: expectEqual,
    });
  }
}

/** Throws an `AssertionError` that says what was expected and what was found instead. */
export function unexpected(
  what: string,
  { actual, expected, cause }: { actual: unknown; expected: unknown; cause?: unknown },
): never {
  const error = new AssertionError({
    message: what,
    actual,
    expected,
    operator: 'deepStrictEqual',
    stackStartFn: unexpected,
  });
  if (cause !== undefined) error.cause = cause;
  throw error;
}
