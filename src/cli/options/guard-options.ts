/** The options that say what is guarded, and where its snapshots are. @module */

import { resolve } from "node:path";
import type { LocateRequest } from "../../node/back/guard/locate-guard.ts";
import type { Io } from "../output/io.ts";

/** Where the snapshots are, as parsed. */
export interface StoreOptions {
  readonly store?: string | undefined;
}

/** What is guarded, as parsed. */
export interface GuardOptions extends StoreOptions {
  readonly ignore: readonly string[];
  /** Bytes that a snapshot may add. */
  readonly budget?: number | undefined;
}

/** What finds the guard of a folder that the user named as `shown`. */
export function guardRequest(
  shown: string,
  { store }: StoreOptions,
  { cwd, environment }: Pick<Io, "cwd" | "environment">,
): Pick<LocateRequest, "shown" | "environment" | "store" | "shownStore"> {
  return {
    shown,
    environment,
    store: store === undefined ? undefined : resolve(cwd, store),
    shownStore: store,
  };
}
