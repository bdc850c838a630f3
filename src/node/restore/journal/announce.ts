/**
 * The sign of life of a restore, in its own staging folder.
 *
 * @module
 */

import { OwnerSocket } from "../../locks/owner-socket.ts";
import { errnoOf, machineReason } from "../../runtime/machine-reason.ts";
import { STAGED, type Staging } from "./staging.ts";

/**
 * Gives a sign of life in a staging folder. `undefined` where a recovery took the folder for a dead one's in
 * the moment before. Throws what the system says otherwise.
 */
export async function announce(staging: Staging): Promise<OwnerSocket | undefined> {
  try {
    return await OwnerSocket.listen(staging.address(STAGED.owner));
  } catch (thrown) {
    if (errnoOf(thrown) === undefined || isStillThere(staging)) throw thrown;
    return undefined;
  }
}

function isStillThere(staging: Staging): boolean {
  try {
    return staging.isAtItsPlace();
  } catch (thrown) {
    if (machineReason(thrown) === undefined) throw thrown;
    return true;
  }
}
