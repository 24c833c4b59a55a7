/** Resolves after so long, and keeps no process alive for it. */
export function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
