/**
 * Where the bytes of outputs come from: a port, so that a restore need not know whether that is the project
 * root or something that keeps them.
 *
 * @module
 */

import {
  type OutputPath,
  type RestoreFault,
  restoreFault,
  type SourceKind,
  type VerifiedOutput,
} from "../../core/index.ts";
import { publishCause } from "../cause-channel.ts";
import type { AnchoredRoot } from "../files/anchored-root.ts";
import { type FileSystem, OPEN_SOURCE } from "../files/file-system.ts";
import { errnoOf } from "../files/machine-reason.ts";
import { acceptRegularFile, type OpenSource } from "../files/read-source.ts";

/** A place that holds outputs. What it gives is hashed when it is used, never trusted. */
export interface OutputSource {
  /** What stands where an output should be; nothing is opened. Throws what the system says. */
  kindOf(path: OutputPath): SourceKind;
  /**
   * Opens the bytes of an output; the caller closes them. Fails with RESTORE_SOURCE_MISSING or
   * RESTORE_SOURCE_NOT_REGULAR_FILE. Throws what the system says otherwise.
   */
  open(output: VerifiedOutput): OpenSource | RestoreFault;
}

/** The project root: outputs under their own names. */
export class RootSource implements OutputSource {
  readonly #root: AnchoredRoot;
  readonly #fs: FileSystem;

  constructor(root: AnchoredRoot, fs: FileSystem) {
    this.#root = root;
    this.#fs = fs;
  }

  kindOf(path: OutputPath): SourceKind {
    const location = this.#root.locate(path);
    if (location.kind !== "entry") return "missing";
    const stats = this.#fs.lstatSync(location.dir.address(location.name), { throwIfNoEntry: false });
    if (stats === undefined) return "missing";
    return stats.isFile() ? "file" : "other";
  }

  open({ path }: VerifiedOutput): OpenSource | RestoreFault {
    const location = this.#root.locate(path);
    if (location.kind !== "entry") return restoreFault("EXECUTE", "RESTORE_SOURCE_MISSING", { path });
    try {
      // A regular file and no link, as planned: not even one that stays inside.
      const address = location.dir.address(location.name);
      const opened = acceptRegularFile(this.#fs.openSync(address, OPEN_SOURCE), this.#fs);
      if (opened !== undefined) return opened;
    } catch (thrown) {
      const errno = errnoOf(thrown);
      if (errno !== "ENOENT" && errno !== "ELOOP" && errno !== "ENXIO") throw thrown;
      publishCause(thrown);
      if (errno === "ENOENT") return restoreFault("EXECUTE", "RESTORE_SOURCE_MISSING", { path });
    }
    return restoreFault("EXECUTE", "RESTORE_SOURCE_NOT_REGULAR_FILE", { path });
  }
}
