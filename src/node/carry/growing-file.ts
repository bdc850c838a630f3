/** A file that a fetched blob is written to, until it is whole and gets its name. @module */

import { fsync } from "node:fs";
import { promisify } from "node:util";
import { writeAllBeside } from "../files/durable-file.ts";
import { nodeFileSystem as fs, OPEN_NEW_TO_READ } from "../files/file-system.ts";
import { attempt } from "../runtime/machine-reason.ts";

const fsyncBeside = promisify(fsync);

/** A new file that grows at its end. */
export class GrowingFile {
  readonly fd: number;
  readonly #address: string;
  #length = 0;
  #isOpen = true;
  #working: Promise<void> = Promise.resolve();

  constructor(address: string) {
    this.#address = address;
    this.fd = fs.openSync(address, OPEN_NEW_TO_READ, 0o600);
  }

  /** Appends bytes. Rejects with what the system says. */
  async add(chunk: Uint8Array): Promise<void> {
    this.#working = writeAllBeside(this.fd, chunk, this.#length);
    await this.#working;
    this.#length += chunk.length;
  }

  /** Gives it its mode, makes its bytes durable, and closes it. Other blobs go on meanwhile: gigabytes take the disk seconds. */
  async finish(mode: number): Promise<void> {
    fs.fchmodSync(this.fd, mode);
    // [pulled] Before it has its name: an object with a name is believed to be whole.
    this.#working = fsyncBeside(this.fd);
    await this.#working;
    this.close();
  }

  /** Closes it, once. */
  close(): void {
    if (this.#isOpen) fs.closeSync(this.fd);
    this.#isOpen = false;
  }

  /** Removes it, if it has not got another name. Waits for its last write: its descriptor may be another file's by the next moment. */
  async abandon(): Promise<void> {
    await this.#working.catch(() => undefined);
    this.close();
    attempt(() => fs.unlinkSync(this.#address));
  }
}
