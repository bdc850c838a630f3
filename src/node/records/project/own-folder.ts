/** A look into a project's own folder, `.runseal`. @module */

import type { Result } from "../../../core/internal.ts";
import type { AnchoredDir } from "../../system/files/anchored-dir.ts";
import { type AnchoredRoot, openRoot } from "../../system/files/anchored-root.ts";
import { reasonOf } from "../../system/runtime/machine-reason.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import { OWN_FOLDER, ownFolderOf } from "./project-names.ts";

/** What was opened. Both are closed when the look ends. */
export interface OwnFolder {
  readonly root: AnchoredRoot;
  /** Undefined where the project has none. */
  readonly folder: AnchoredDir | undefined;
  /** What a fault calls the folder. */
  readonly shown: string;
}

/** Looks into the folder of a project by its root. Fails as `openRoot` and `look` do, and with READ_FAILED where the system refuses. */
export function lookIntoOwn<Value>(
  rootPath: string,
  look: (own: OwnFolder) => Result<Value, OperationFault>,
): Result<Value, OperationFault> {
  const opened = openRoot(rootPath);
  if (!opened.ok) return opened;
  using root = opened.value;
  const shown = ownFolderOf(rootPath);
  try {
    using folder = root.dir.enterIfThere(OWN_FOLDER);
    return look({ root, folder, shown });
  } catch (thrown) {
    return operationFault("READ_FAILED", { path: shown, reason: reasonOf(thrown) });
  }
}
