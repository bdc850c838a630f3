/**
 * Hashing the files at the paths of a board, one at a time, and writing down what was found.
 *
 * @module
 */

import { itemAt, type OutputFinding, TextViews } from "../../../core/internal.ts";
import type { AnchoredRoot } from "../files/anchored-root.ts";
import { nodeFileSystem } from "../files/file-system.ts";
import { NeighbourWalk } from "../files/neighbour-walk.ts";
import { isUnchanged, type OpenSource, openSource } from "../files/read-source.ts";
import { FilePacker } from "../packs/file-packer.ts";
import { runSteps } from "../runtime/interruption.ts";
import { machineReason } from "../runtime/machine-reason.ts";
import type { Tally } from "../runtime/progress.ts";
import { BoardFindings, type BoardMark } from "./board-findings.ts";
import { type BudgetAnswer, BudgetTaker } from "./byte-budget.ts";
import { BIG_FILE_BYTES, type BigFilePace, hashBigFile } from "./hash-big-file.ts";
import type { HashBoard } from "./hash-board.ts";
import { BLOCK_BYTES, digestOfBlock, hashOpenFile, readSmallFile, SMALL_FILE_ROOM } from "./hash-file.ts";
import { PackedHasher } from "./packed-hasher.ts";

const fs = nodeFileSystem;

let buffer: Uint8Array | undefined;

/** One for all boards of this thread, of which a long chain has hundreds: nothing is awaited while it holds a file. */
function readBuffer(): Uint8Array {
  buffer ??= new Uint8Array(SMALL_FILE_ROOM);
  return buffer;
}

/** Hashes the files at lawful paths below a root, one after the other, and writes down what it finds. */
export class PathHasher {
  /** Bytes of the files begun so far. */
  bytes = 0;
  readonly #walk: NeighbourWalk;
  readonly #paths: TextViews;
  readonly #findings: BoardFindings;
  readonly #budget: BudgetTaker | undefined;
  readonly #tally: Tally;
  readonly #pace: BigFilePace;
  readonly #buffer: Uint8Array = readBuffer();
  readonly #packed: PackedHasher | undefined;
  readonly #packer: FilePacker | undefined;
  #big: { readonly source: OpenSource; readonly path: string } | undefined;

  constructor(root: AnchoredRoot, board: HashBoard, tally: Tally, pace: BigFilePace) {
    this.#walk = new NeighbourWalk(root);
    this.#paths = TextViews.in({ bytes: board.pathBytes, starts: board.pathStarts });
    this.#findings = new BoardFindings(board);
    this.#budget = board.budgets && new BudgetTaker(board.budgets);
    this.#tally = tally;
    this.#pace = pace;
    this.#packed = board.packed && new PackedHasher(board.packed, this.#findings, fs);
    this.#packer = board.packing && new FilePacker(board.packing, board.digests, fs);
  }

  /** Writes what is packed and not written yet, once no file follows. */
  finishPacking(): void {
    this.#packer?.finish();
  }

  /** Closes the packs. */
  close(): void {
    this.#packed?.close();
    this.#packer?.close();
  }

  /** Hashes a file and gives true; where it is large, leaves it open for `hashBig`, which must come next. */
  hashSmall(index: number): boolean {
    return this.#begin(index, (size) => this.#budget?.take(index, size) ?? "read");
  }

  /** Hashes a withheld file after all, if `allows` its size; else it is oversized. Throws what the pace throws. */
  async hashAgain(index: number, allows: (size: number) => boolean): Promise<void> {
    const isDone = this.#begin(index, (size) => (allows(Number(size)) ? "read" : "oversized"));
    if (!isDone) await this.hashBig(index);
  }

  /** Opens a file, and unless it is large or may not be read, hashes it. Gives whether the path is finished. */
  #begin(index: number, ask: (size: bigint) => BudgetAnswer): boolean {
    const path = itemAt(this.#paths, index);
    try {
      const packed = this.#packed?.hash(index, path, ask);
      if (packed?.isFinal === true) {
        this.bytes += packed.bytes;
        this.#tally.countBytes(packed.bytes);
        if (packed.mark !== "withheld") this.#tally.countFile();
        this.#findings.finish(index, packed.mark);
        return true;
      }
      const source = openSource(this.#walk, path, fs);
      if (source === undefined) this.#findings.finish(index, packed?.mark ?? "missing");
      else {
        const size = Number(source.before.size);
        this.#findings.noteSize(index, size);
        this.#findings.noteMode(index, source);
        const answer = ask(source.before.size);
        if (answer !== "read") {
          fs.closeSync(source.fd);
          this.#findings.finish(index, answer);
          if (answer === "oversized") this.#tally.countFile();
          return true;
        }
        this.bytes += size;
        if (size >= BIG_FILE_BYTES) {
          this.#big = { source, path };
          return false;
        }
        this.#findings.finish(index, this.#hashOpen(source, path, size, index));
        this.#tally.countBytes(size);
      }
    } catch (thrown) {
      this.#finishUnreadable(thrown, index);
    }
    this.#tally.countFile();
    return true;
  }

  #hashOpen(source: OpenSource, path: string, size: number, index: number): BoardMark {
    try {
      if (size > BLOCK_BYTES) {
        const blocks = this.#buffer.subarray(0, BLOCK_BYTES);
        return this.#note(index, path, runSteps(hashOpenFile(source, blocks, fs)));
      }
      const block = readSmallFile(source, this.#buffer, fs);
      const isAsSealed = this.#findings.note(index, { path, digest: digestOfBlock(block) }, block.length);
      // If the bytes are those that were sealed, and no byte is missing, a change meanwhile does not matter. But a file that
      // only grew to these bytes while it was read was never that file.
      if (isAsSealed && block.length === size) return "asExpected";
      if (!isUnchanged(source, block.length, fs)) return "CHANGED_WHILE_READ";
      this.#packer?.add(index, block, Number(source.before.mode));
      return "file";
    } finally {
      fs.closeSync(source.fd);
    }
  }

  /** Hashes the large file that was left open. Records nothing if the board was given up meanwhile. */
  async hashBig(index: number): Promise<void> {
    if (this.#big === undefined) throw new TypeError("no large file was left open");
    const { path, source } = this.#big;
    this.#big = undefined;
    try {
      const finding = await this.#readBig(source);
      if (finding === undefined) return;
      this.#findings.finish(index, this.#note(index, path, finding));
    } catch (thrown) {
      this.#finishUnreadable(thrown, index);
    }
    this.#tally.countFile();
  }

  async #readBig(source: OpenSource): Promise<OutputFinding | undefined> {
    try {
      const { goOn, readsAhead } = this.#pace;
      return await hashBigFile(source, {
        goOn: (bytes) => {
          this.#tally.countBytes(bytes);
          return goOn(bytes);
        },
        readsAhead,
      });
    } finally {
      fs.closeSync(source.fd);
    }
  }

  #note(index: number, path: string, finding: OutputFinding): BoardMark {
    if (finding.kind === "unreadable") return finding.code;
    if (finding.kind !== "file") return finding.kind;
    return this.#findings.note(index, { path, digest: finding.digest }, finding.bytes)
      ? "asExpected"
      : "file";
  }

  #finishUnreadable(thrown: unknown, index: number): void {
    if (machineReason(thrown) === undefined) throw thrown;
    this.#findings.finish(index, "READ_FAILED");
  }
}
