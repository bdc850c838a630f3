/**
 * Where the bytes of outputs come from: a port, with the project root and the project's store as its implementations.
 *
 * @module
 */

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
import type { ObjectStore } from "./object-store.ts";

/** The sources: the project root, where outputs have their own names, and the project's store. */
export type SourceName = "root" | "store";

/** A source of outputs. Its bytes are hashed when they are used, never trusted. */
export interface OutputSource {
  /** What is in the output's place; nothing is opened. Throws what the system says. */
  kindOf(output: VerifiedOutput): SourceKind;
  /**
   * Opens the bytes of an output; the caller closes them. Fails with RESTORE_SOURCE_MISSING or
   * RESTORE_SOURCE_NOT_REGULAR_FILE. Throws what the system says otherwise.
   */
  open(output: VerifiedOutput): OpenSource | RestoreFault;
}

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

/** The store: outputs under their digests, independent of their names. Without a store, every output is missing. */
export class StoreSource implements OutputSource {
  readonly #store: ObjectStore | undefined;

  constructor(store: ObjectStore | undefined) {
    this.#store = store;
  }

  kindOf({ digest }: VerifiedOutput): SourceKind {
    return this.#store?.kindOf(digest) ?? "missing";
  }

  open({ digest, path }: VerifiedOutput): OpenSource | RestoreFault {
    const opened = this.#store?.open(digest) ?? "missing";
    if (typeof opened === "object") return opened;
    const code = opened === "missing" ? "RESTORE_SOURCE_MISSING" : "RESTORE_SOURCE_NOT_REGULAR_FILE";
    return restoreFault("EXECUTE", code, { path });
  }
}
