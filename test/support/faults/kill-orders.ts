/**
 * What a victim does. The same code does it in this process and in another: test/faults has it,
 * as a script that plain Node can run.
 *
 * @module
 */

import type { RecoverRequest } from "../../../src/node/back/restore/recover/recover-target.ts";
import type { RestoreChainRequest, RestoreRequest } from "../../../src/node/back/restore/restore-bundle.ts";
import type { UndoRequest } from "../../../src/node/back/restore/undo/undo.ts";
import type { FileSystem } from "../../../src/node/system/files/file-system.ts";
import type { RevertOrder } from "./revert-scene.ts";

/** Goes through JSON to another process unchanged. */
export type Order = Act & {
  /** A name that the disk gives to nothing, where there is one: the act fails at it. */
  readonly refused?: string;
};

type Act =
  | { readonly act: "restore"; readonly request: RestoreRequest }
  | { readonly act: "chain"; readonly request: RestoreChainRequest }
  | { readonly act: "undo"; readonly request: UndoRequest }
  | { readonly act: "recover"; readonly request: RecoverRequest }
  | { readonly act: "revert" | "naive-revert"; readonly request: RevertOrder }
  | { readonly act: "naive"; readonly request: NaiveRequest };

/** What the control restores, and where to. */
export interface NaiveRequest {
  readonly target: string;
  readonly root: string;
  readonly files: readonly string[];
}

/** How it ended, where it was not killed. */
export interface OrderOutcome {
  readonly ok: boolean;
  readonly code?: string | null;
}

const script = new URL("../../faults/kill-orders.mjs", import.meta.url).href;

/** Does what an order says. */
export const { obey } = (await import(script)) as {
  readonly obey: (order: Order, fs?: FileSystem) => Promise<OrderOutcome>;
};
