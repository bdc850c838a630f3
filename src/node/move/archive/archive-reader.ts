/**
 * Drives a walk over an archive with the bytes of an input, and puts its failures into faults.
 *
 * @module
 */

import {
  type ArchiveEvent,
  type ArchiveFault,
  ArchiveParser,
  type ArchiveWalk,
  ok,
  type Result,
} from "../../../core/internal.ts";
import { breathe, Interruption, waitUnlessInterrupted } from "../../system/runtime/interruption.ts";
import { reasonOf } from "../../system/runtime/machine-reason.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import type { ByteInput } from "./byte-input.ts";

/** Contents of this many bytes or more are skipped by a seek, where the input can. */
const WORTH_A_SEEK: number = 4 * 1024 * 1024;

/** Reads one archive, once. */
export class ArchiveReader {
  readonly #shown: string;
  readonly #parser = new ArchiveParser();
  readonly #input: ByteInput;
  #pieces = 0;

  /** @param shown what the archive is called in faults. */
  constructor(input: ByteInput, shown: string) {
    this.#input = input;
    this.#shown = shown;
  }

  /**
   * Drives a walk from where the last one ended. Fails as the walk and the parser do, with READ_FAILED, or with CHANGED_WHILE_READ as
   * bytes are read again. Throws an Interruption.
   */
  async drive<Value>(
    walk: ArchiveWalk<Value>,
    signal: AbortSignal | undefined,
  ): Promise<Result<Value, OperationFault>> {
    let answer: ArchiveEvent | undefined;
    for (;;) {
      const step = walk.next(answer);
      if (step.done === true) return step.value.ok ? step.value : operationOf(step.value);
      answer = undefined;
      if (step.value === "entry") this.#skip();
      while (answer === undefined) {
        const event = this.#parser.next();
        if (event === undefined) {
          const filled = await this.#fill(signal);
          if (!filled.ok) return filled;
          if (!filled.value) break;
        } else if (!event.ok) return operationOf(event);
        else if (step.value === event.value.kind || event.value.kind !== "content") answer = event.value;
      }
    }
  }

  async close(): Promise<void> {
    await this.#input.close();
  }

  /** Skips the rest of a content, if that is faster than reading it. */
  #skip(): void {
    if (this.#parser.contentLeft >= WORTH_A_SEEK) this.#input.seek?.(this.#parser.skipContent());
  }

  /** Reads a piece; gives whether there was one. Without one the archive is whole. */
  async #fill(signal: AbortSignal | undefined): Promise<Result<boolean, OperationFault>> {
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
}

/** A broken archive as a failed operation. */
function operationOf({ code, entry, offset, reason }: ArchiveFault): OperationFault {
  return operationFault(code, { reason, member: entry, offset });
}
