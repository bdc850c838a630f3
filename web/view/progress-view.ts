/** How far a verification is. @module */

import { countOf, numberOf, sizeOf } from "../../src/core/internal.ts";
import type { FileProgress } from "../session/session-message.ts";
import { byId } from "./element.ts";

/** Milliseconds between two looks of the screen reader, which would read each of them. */
const SPOKEN_EVERY = 5000;

/** A bar and a line of words. The bar follows frames, not files. */
export class ProgressView {
  readonly #section: HTMLElement = byId("progress", HTMLElement);
  readonly #bar: HTMLProgressElement = byId("progress-bar", HTMLProgressElement);
  readonly #stop: HTMLButtonElement = byId("stop", HTMLButtonElement);
  readonly #words: HTMLElement = byId("progress-words", HTMLElement);
  readonly #spoken: HTMLElement = byId("spoken", HTMLElement);
  #frame = 0;
  #lastSpoken = 0;

  /** Calls a function when the user wants the work to end. */
  onStop(stop: () => void): void {
    this.#stop.addEventListener("click", stop);
  }

  /** Says what is being done, without an end in sight. */
  begin(words: string): void {
    cancelAnimationFrame(this.#frame);
    this.#section.dataset["busy"] = "true";
    this.#stop.disabled = false;
    this.#bar.removeAttribute("value");
    this.#words.textContent = words;
    this.#speak(words, true);
  }

  /** Counts runs that were judged. */
  countRuns(done: number, all: number): void {
    this.#show(() => `Judging runs: ${numberOf(done)} of ${countOf(all, "run")}`, done / Math.max(1, all));
  }

  /** Counts files and bytes. */
  countFiles({ allBytes, allFiles, bytes, files }: FileProgress): void {
    const part = allBytes === undefined || allBytes === 0 ? files / Math.max(1, allFiles) : bytes / allBytes;
    this.#show(
      () => `Hashing files: ${numberOf(files)} of ${countOf(allFiles, "file")}, ${sizeOf(bytes)}`,
      Math.min(1, part),
    );
  }

  /** Says that the work ended. A screen reader may read another sentence. */
  end(words: string, spoken: string = words): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.#section.dataset["busy"] = "false";
    this.#stop.disabled = true;
    this.#bar.value = 0;
    this.#words.textContent = words;
    this.#speak(spoken, true);
  }

  #show(words: () => string, part: number): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => {
      this.#bar.value = part;
      this.#words.textContent = words();
      this.#speak(words(), false);
    });
  }

  #speak(words: string, isNow: boolean): void {
    const now = performance.now();
    if (!isNow && now - this.#lastSpoken < SPOKEN_EVERY) return;
    this.#lastSpoken = now;
    this.#spoken.textContent = words;
  }
}
