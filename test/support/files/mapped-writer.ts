/**
 * `mapped-writer.c` at work: a process that changes a file in ways that stat rules find hard to see.
 *
 * @module
 */

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { makeFolder, removeTree } from "./tree.ts";

const SOURCE = fileURLToPath(new URL("mapped-writer.c", import.meta.url));

/** What the process does next; see the source. */
export type WriterStep = "map" | `store ${string}` | `begin ${string}` | "finish";

/** The program, compiled. */
export class MappedWriterProgram implements Disposable {
  /** Why there is none; undefined where there is one. */
  readonly obstacle: string | undefined;
  readonly #folder: string = makeFolder();

  constructor() {
    const args = ["-O1", "-pthread", "-o", this.#program, SOURCE];
    const { error, status, stderr } = spawnSync("cc", args, { encoding: "utf8" });
    if (error !== undefined) this.obstacle = "there is no C compiler (cc) to build mapped-writer.c";
    else if (process.platform !== "linux") this.obstacle = "userfaultfd is Linux's";
    else if (status !== 0) throw new Error(stderr);
  }

  get #program(): string {
    return join(this.#folder, "mapped-writer");
  }

  /** Starts it for one file. */
  open(file: string): MappedWriter {
    return new MappedWriter(this.#program, file);
  }

  [Symbol.dispose](): void {
    removeTree(this.#folder);
  }
}

/** One process with its file. */
export class MappedWriter implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(program: string, file: string) {
    this.#process = spawn(program, [file], { stdio: ["pipe", "pipe", "inherit"] });
    if (this.#process.stdout === null) throw new Error("the writer has no stdout");
    this.#lines = createInterface(this.#process.stdout)[Symbol.asyncIterator]();
  }

  /** Takes a step, and gives whether the system allowed it. */
  async step(step: WriterStep): Promise<boolean> {
    this.#process.stdin?.write(`${step}\n`);
    const { value } = await this.#lines.next();
    return value === "done";
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#process, "exit");
    this.#process.stdin?.end();
    await ended;
  }
}
