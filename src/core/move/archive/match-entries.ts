/**
 * Compares the entries that an archive has with those that it must have, as they come.
 *
 * @module
 */

import { type Ok, ok } from "../../system/bytes/result.ts";
import { compareUtf8 } from "../../system/bytes/utf8.ts";
import { type ArchiveFault, archiveFault } from "./archive-fault.ts";
import type { ArchiveEntry } from "./entry-head.ts";
import { type OutputEntry, PLAIN_MODES } from "./output-entries.ts";

/** Walks over the entries of one run. A file that the archive does not have is left to the caller, whose findings lack it. */
export class EntryMatcher {
  readonly #expected: Iterator<OutputEntry, undefined>;
  #next: OutputEntry | undefined;
  #last = "";

  constructor(expected: Iterator<OutputEntry, undefined>) {
    this.#expected = expected;
    this.#next = expected.next().value;
  }

  /**
   * Takes the next entry of the archive, and gives the expected one with its path. Fails with CARRIED_RUN_MALFORMED if there is
   * none, it was passed or differs, or a link or folder before it is missing.
   */
  take(entry: ArchiveEntry, offset: number): Ok<OutputEntry> | ArchiveFault {
    const where = { entry: entry.path, offset };
    if (this.#last !== "" && compareUtf8(entry.path, this.#last) <= 0) return archiveFault("order", where);
    this.#last = entry.path;
    const passed = this.#pass((next) => compareUtf8(next.path, entry.path) < 0);
    if (passed !== undefined) return passed;
    const expected = this.#next;
    if (expected === undefined || expected.path !== entry.path)
      return archiveFault("entry-unexpected", where);
    this.#next = this.#expected.next().value;
    if (entry.kind !== expected.kind) return archiveFault("kind", where);
    const isMode =
      expected.mode === undefined
        ? PLAIN_MODES.some((mode) => mode === entry.mode)
        : entry.mode === expected.mode;
    if (!isMode) return archiveFault("mode", where);
    if (entry.target !== expected.target) return archiveFault("target", where);
    return ok(expected);
  }

  /** Passes over the entries that the archive does not have at its end. Fails with CARRIED_RUN_MALFORMED. */
  finish(): ArchiveFault | undefined {
    return this.#pass(() => true);
  }

  #pass(isPassed: (next: OutputEntry) => boolean): ArchiveFault | undefined {
    for (let next = this.#next; next !== undefined && isPassed(next); next = this.#next) {
      if (next.kind !== "file") return archiveFault("entry-missing", { entry: next.path });
      this.#next = this.#expected.next().value;
    }
    return undefined;
  }
}
