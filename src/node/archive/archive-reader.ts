/**
 * Reads an archive event by event from an input, and puts its failures into faults.
 *
 * @module
 */

import {
  type ArchiveEntry,
  type ArchiveEvent,
  type ArchiveFault,
  ArchiveParser,
  ok,
  type Result,
} from "../../core/internal.ts";
import { breathe, Interruption, waitUnlessInterrupted } from "../runtime/interruption.ts";
import { reasonOf } from "../runtime/machine-reason.ts";
import { type OperationFault, operationFault } from "../runtime/operation-fault.ts";
import type { ByteInput } from "./byte-input.ts";

/** Contents of this many bytes or more are skipped by a seek, where the input can. */
const WORTH_A_SEEK: number = 4 * 1024 * 1024;

/** The beginning of an entry. */
export type EntryEvent = Extract<ArchiveEvent, { kind: "entry" }>;

/** Reads one archive, once. */
export class ArchiveReader {
  readonly #shown: string;
  readonly #parser = new ArchiveParser();
  readonly #input: ByteInput;
  #pieces = 0;
  /** An entry that was read, and is to be read again. */
  #pending: EntryEvent | undefined;

  /** @param shown what the archive is called in faults. */
  constructor(input: ByteInput, shown: string) {
    this.#input = input;
    this.#shown = shown;
  }

  /**
   * What comes next; undefined at the end of the archive. Fails as the parser does, with READ_FAILED, or with CHANGED_WHILE_READ as
   * bytes are read again. Throws an Interruption.
   */
  async next(signal: AbortSignal | undefined): Promise<Result<ArchiveEvent | undefined, OperationFault>> {
    for (;;) {
      const event = this.poll();
      if (event !== undefined) return event;
      const filled = await this.fill(signal);
      if (!filled.ok) return filled;
      if (!filled.value) return ok(undefined);
    }
  }

  /** The next event, if it is in the piece that was read; undefined asks for `fill`. */
  poll(): Result<ArchiveEvent, OperationFault> | undefined {
    const pending = this.#pending;
    this.#pending = undefined;
    if (pending !== undefined) return ok(pending);
    const event = this.#parser.next();
    return event === undefined || event.ok ? event : operationOf(event);
  }

  /** Reads a piece; gives whether there was one. Without one the archive is whole. Fails and throws as `next` does. */
  async fill(signal: AbortSignal | undefined): Promise<Result<boolean, OperationFault>> {
    await breathe(this.#pieces++, signal);
    try {
      // Another process may never send the next byte.
      const piece = await waitUnlessInterrupted(this.#input.next(), signal);
      if (piece !== undefined) {
        this.#parser.push(piece);
        return ok(true);
      }
    } catch (thrown) {
      if (thrown instanceof Interruption) throw thrown;
      return operationFault("READ_FAILED", { path: this.#shown, reason: reasonOf(thrown) });
    }
    const cut = this.#parser.finish();
    return cut === undefined ? ok(false) : operationOf(cut);
  }

  /** Gives an entry back: it is the next event once more. */
  unread(entry: EntryEvent): void {
    this.#pending = entry;
  }

  /** Skips the content of the entry that came last, if that is faster than reading it. */
  skip({ size }: ArchiveEntry): void {
    if (size < WORTH_A_SEEK || this.#input.seek === undefined) return;
    this.#input.seek(this.#parser.skipContent());
  }

  async close(): Promise<void> {
    await this.#input.close();
  }
}

/** A broken archive as a failed operation. */
export function operationOf({ code, entry, offset, reason }: ArchiveFault): OperationFault {
  return operationFault(code, {
    reason,
    ...(entry === undefined ? {} : { member: entry }),
    ...(offset === undefined ? {} : { offset }),
  });
}
