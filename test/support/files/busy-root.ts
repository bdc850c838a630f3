/**
 * A restore root in which another process works.
 *
 * @module
 */

import { RootLock } from "../../../src/node/back/transaction/journal/root-lock.ts";
import { Staging, stagingName } from "../../../src/node/back/transaction/journal/staging.ts";
import { AnchoredDir } from "../../../src/node/system/files/anchored-dir.ts";
import { nodeFileSystem } from "../../../src/node/system/files/file-system.ts";

/** Does something while another has a root's lock and a staging folder in it, and lives. */
export async function whileBusy<Value>(root: string, act: () => Promise<Value>): Promise<Value> {
  const dir = AnchoredDir.open(root);
  const staging = new Staging(dir, stagingName("staging"), nodeFileSystem);
  staging.make();
  const owner = await staging.announce();
  const lock = new RootLock(dir);
  try {
    if (!(await lock.acquire(staging))) throw new Error("this lock must be free");
    return await act();
  } finally {
    lock.release();
    owner?.close();
    staging.remove();
    staging.close();
    dir.close();
  }
}
