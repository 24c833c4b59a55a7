/** Where the line is shown. */
export type Screen = Pick<NodeJS.WriteStream, 'write'> & { readonly isTTY?: boolean };

const redrawMs = 100;
const clearLine = '\r\u001b[K';

/** One line that is written over and over on a terminal; on anything else nothing is written. */
export class ProgressLine {
  readonly #startedMs = performance.now();
  #drawnMs = 0;

  constructor(private readonly screen: Screen) {}

  /** Shows how many commands are settled, at most ten times a second. */
  show(commands: number): void {
    const nowMs = performance.now();
    if (!this.screen.isTTY || nowMs - this.#drawnMs < redrawMs) return;
    this.#drawnMs = nowMs;
    const perSecond = commands / ((nowMs - this.#startedMs) / 1000);
    this.screen.write(
      `${clearLine}${grouped(commands)} commands, ${grouped(Math.round(perSecond))} a second`,
    );
  }

  /** Takes the line away. */
  clear(): void {
    if (this.#drawnMs > 0) this.screen.write(clearLine);
    this.#drawnMs = 0;
  }
}

/** `262 200` for 262200, alike in every locale. */
export function grouped(whole: number): string {
  return String(whole).replace(/\B(?=(\d{3})+$)/g, ' ');
}
