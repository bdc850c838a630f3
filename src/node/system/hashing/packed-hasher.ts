/**
 * Hashing objects of a store that are in packs, and writing down what was found.
 *
 * @module
 */

import { DIGEST_BYTES, digestToHex } from "../../../core/internal.ts";
import type { FileSystem } from "../files/file-system.ts";
import { PackReader } from "../packs/pack-reader.ts";
import type { BoardFindings, BoardMark } from "./board-findings.ts";
import type { BudgetAnswer } from "./byte-budget.ts";
import type { PackedObjects } from "./hash-board.ts";

/** What became of an object in packs. */
export interface PackedFinding {
  readonly mark: BoardMark;
  /** Bytes that were read. */
  readonly bytes: number;
  /** False where no pack has its bytes, but a file of its own may. */
  readonly isFinal: boolean;
}

/** Hashes objects for one thread. */
export class PackedHasher {
  readonly #wanted: Uint8Array;
  readonly #findings: BoardFindings;
  readonly #reader: PackReader;

  constructor({ catalog, wanted }: PackedObjects, findings: BoardFindings, fs: FileSystem) {
    this.#wanted = wanted;
    this.#findings = findings;
    this.#reader = new PackReader(catalog, fs);
  }

  /** Hashes the object of a path; `undefined` if no pack can hold it. `ask` decides by its size whether it may be read. */
  hash(index: number, path: string, ask: (size: bigint) => BudgetAnswer): PackedFinding | undefined {
    const place = index * DIGEST_BYTES;
    let answer: BudgetAnswer = "read";
    const read = this.#reader.read(this.#wanted, place, (size) => {
      this.#findings.noteSize(index, size);
      answer = ask(BigInt(size));
      return answer === "read";
    });
    switch (read.kind) {
      case "missing":
        return undefined;
      case "refused":
        return { mark: answer === "read" ? "missing" : answer, bytes: 0, isFinal: true };
      case "unreadable":
        return { mark: "READ_FAILED", bytes: 0, isFinal: false };
      case "wrong": {
        // Bytes that can't be read at all have no digest.
        if (read.actual === undefined) return { mark: "READ_FAILED", bytes: 0, isFinal: false };
        this.#findings.note(index, { path, digest: read.actual }, read.bytes);
        return { mark: "file", bytes: read.bytes, isFinal: false };
      }
      case "bytes": {
        const digest = digestToHex(this.#wanted.subarray(place, place + DIGEST_BYTES));
        const isExpected = this.#findings.note(index, { path, digest }, read.bytes.length);
        return { mark: isExpected ? "asExpected" : "file", bytes: read.bytes.length, isFinal: true };
      }
    }
  }

  /** Closes the packs. */
  close(): void {
    this.#reader.close();
  }
}
