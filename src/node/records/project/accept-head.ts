/**
 * Making the head of a project the remembered one, after its history was begun anew on purpose.
 *
 * @module
 */

import { openRoot } from "../../system/files/anchored-root.ts";
import { reasonOf } from "../../system/runtime/machine-reason.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import type { Environment } from "../../system/runtime/user-home.ts";
import { isSameHead, type ProjectHead, readHead } from "./head-file.ts";
import { holdProject } from "./held-project.ts";
import { memoryPlaceOf, writeMemory } from "./remembered-head.ts";

/**
 * Remembers a head that the user saw, whatever was remembered. Fails with CHANGED_WHILE_READ where HEAD is another one by now, with
 * WRITE_FAILED, and as `openRoot`, `holdProject` and `readHead` do. Throws an Interruption.
 */
export async function acceptHead(
  rootPath: string,
  seen: ProjectHead,
  environment: Environment,
  signal: AbortSignal | undefined,
): Promise<OperationFault | undefined> {
  const opened = openRoot(rootPath);
  if (!opened.ok) return opened;
  using home = opened.value;
  const held = await holdProject({ home, homePath: rootPath, signal });
  if (!held.ok) return held;
  const { folder, release, shown } = held.value;
  const place = memoryPlaceOf(environment, home);
  let fault: OperationFault | undefined;
  try {
    const head = readHead(folder, shown);
    if (!head.ok) fault = head;
    else if (isSameHead(head.value, seen)) writeMemory(place, seen);
    else fault = operationFault("CHANGED_WHILE_READ", { path: `${shown}/HEAD` });
  } catch (thrown) {
    fault = operationFault("WRITE_FAILED", { path: place.shownFolder, reason: reasonOf(thrown) });
  }
  return release() ?? fault;
}
