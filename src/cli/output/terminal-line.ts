/** The status line of a real terminal. It changes no mode of the terminal, so there is nothing to reset. @module */

import type { WriteStream } from "node:tty";
import type { StatusLine } from "./io.ts";

/** Where a terminal does not say how wide it is. */
const USUAL_COLUMNS = 80;

const TO_LINE_START = "\r";
const ERASE_TO_LINE_END = "\u001b[K";

/** Draws by going back to the beginning of the row: each time, so that what a person types there is gone with the next one. */
export class TerminalLine implements StatusLine {
  readonly #stream: Pick<WriteStream, "write" | "columns">;
  #isShown = false;

  constructor(stream: Pick<WriteStream, "write" | "columns">) {
    this.#stream = stream;
  }

  get columns(): number {
    return this.#stream.columns || USUAL_COLUMNS;
  }

  draw(line: string): void {
    this.#stream.write(TO_LINE_START + line + ERASE_TO_LINE_END);
    this.#isShown = true;
  }

  clear(): void {
    if (!this.#isShown) return;
    this.#stream.write(TO_LINE_START + ERASE_TO_LINE_END);
    this.#isShown = false;
  }
}
