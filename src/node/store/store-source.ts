/** A project's store as a place that holds outputs. @module */

import {
  type RestoreFault,
  restoreFault,
  type SourceKind,
  type VerifiedOutput,
} from "../../core/internal.ts";
import type { OpenSource } from "../files/read-source.ts";
import type { ObjectStore } from "./object-store.ts";
import type { OutputSource } from "./output-source.ts";

/** The store: outputs under their digests, whatever their names are. Without a store, nothing is there. */
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
