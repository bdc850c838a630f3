/** The project root as a place that holds outputs. @module */

import {
  type RestoreFault,
  restoreFault,
  type SourceKind,
  type VerifiedOutput,
} from "../../core/internal.ts";
import { type FileSystem, OPEN_SOURCE } from "../files/file-system.ts";
import { acceptRegularFile, type OpenSource, type SourceWalk } from "../files/read-source.ts";
import { publishCause } from "../runtime/cause-channel.ts";
import { errnoOf } from "../runtime/machine-reason.ts";
import type { OutputSource } from "./output-source.ts";

/** The project root: outputs under their own names. */
export class RootSource implements OutputSource {
  readonly #root: SourceWalk;
  readonly #fs: FileSystem;

  constructor(root: SourceWalk, fs: FileSystem) {
    this.#root = root;
    this.#fs = fs;
  }

  kindOf({ path }: VerifiedOutput): SourceKind {
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
