/**
 * Restores, undos and recoveries of one user, whose state folder is that of the tests.
 *
 * @module
 */

import * as recovering from "../../../src/node/back/restore/recover/recover-target.ts";
import * as restoring from "../../../src/node/back/restore/restore-bundle.ts";
import type { RestoreOutcome } from "../../../src/node/back/restore/target/restore-outcome.ts";
import * as undoing from "../../../src/node/back/restore/undo/undo.ts";
import type { FileSystem } from "../../../src/node/system/files/file-system.ts";
import type { Environment } from "../../../src/node/system/runtime/user-home.ts";
import { STATE } from "../command/state.ts";

/** A request that names an environment only where another one than that of the tests is meant. */
export type Asked<Request> = Omit<Request, "environment"> & { readonly environment?: Environment };

export const restoreBundle = (
  request: Asked<restoring.RestoreRequest>,
  fs?: FileSystem,
): Promise<RestoreOutcome> => restoring.restoreBundle({ environment: STATE, ...request }, fs);

export const restoreChain = (
  request: Asked<restoring.RestoreChainRequest>,
  fs?: FileSystem,
): Promise<RestoreOutcome> => restoring.restoreChain({ environment: STATE, ...request }, fs);

export const recoverTarget = (
  request: Asked<recovering.RecoverRequest>,
  fs?: FileSystem,
): ReturnType<typeof recovering.recoverTarget> =>
  recovering.recoverTarget({ environment: STATE, ...request }, fs);

export const undoRestore = (
  request: Asked<undoing.UndoRequest>,
  fs?: FileSystem,
): ReturnType<typeof undoing.undoRestore> => undoing.undoRestore({ environment: STATE, ...request }, fs);
