/**
 * Whom an undo believes: whom the caller's trust names, and in its own guard the guard's own key.
 *
 * @module
 */

import { ok, type Result, toHex } from "../../core/internal.ts";
import { openKeyFile } from "../keys/key-file.ts";
import type { OperationFault } from "../runtime/operation-fault.ts";
import { type Decide, deciderFor, type KeyRefused, type Trust } from "../trust/whom-to-trust.ts";
import { GUARD_KEY_NAME } from "./guard-key.ts";
import type { OpenGuard } from "./open-guard.ts";

/** Makes the decision about the signers of a guard. Fails as `deciderFor` and `openKeyFile` do. */
export async function guardDecider(
  guard: OpenGuard,
  trust: Trust,
): Promise<Result<Decide, KeyRefused | OperationFault>> {
  const decide = deciderFor(trust);
  if (!decide.ok || guard.isInProject || !guard.home.dir.has(GUARD_KEY_NAME)) return decide;
  const path = guard.home.dir.address(GUARD_KEY_NAME);
  const key = await openKeyFile(path, `${guard.homePath}/${GUARD_KEY_NAME}`);
  if (!key.ok) return key;
  using signer = key.value;
  const own = deciderFor({ keys: [toHex(signer.publicKey())] });
  if (!own.ok) return own;
  return ok((bundle) => {
    const byGuard = own.value(bundle);
    return byGuard.ok ? byGuard : decide.value(bundle);
  });
}
