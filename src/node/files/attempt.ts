/**
 * What the system may refuse, where nothing is lost by it.
 *
 * @module
 */

import { publishCause } from "../runtime/cause-channel.ts";
import { errnoOf } from "../runtime/machine-reason.ts";

/** Tries it. Gives whether the system let it; why it did not, the log hears. Throws what is no system error: a bug. */
export function attempt(act: () => void): boolean {
  try {
    act();
    return true;
  } catch (thrown) {
    if (errnoOf(thrown) === undefined) throw thrown;
    publishCause(thrown);
    return false;
  }
}
