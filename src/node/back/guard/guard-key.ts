/**
 * Who signs the snapshots of a guard: the user's key, or the guard's own where the user has none. The guard's own key is plain and
 * lies beside what it signs: it shows accidents, not who made a snapshot.
 *
 * @module
 */

import { join } from "node:path";
import { ok, type Result, toHex } from "../../../core/internal.ts";
import { openKeyFile } from "../../keys/key-file.ts";
import { openSigner, type SignerChoice, type SignerSurroundings } from "../../keys/open-signer.ts";
import type { Signer } from "../../keys/signer.ts";
import {
  type Decide,
  deciderFor,
  type Trust,
  trustingKeys,
  withoutThresholds,
} from "../../keys/trust/whom-to-trust.ts";
import { createKeyFile } from "../../keys/write-key-file.ts";
import { FileEdit } from "../../system/locks/file-edit.ts";
import type { OperationFault } from "../../system/runtime/operation-fault.ts";
import type { OpenGuard } from "./open-guard.ts";

/** The name of the guard's own key in the guard's folder. */
export const GUARD_KEY_NAME = "key";

/** The public key of a guard's own key, in hex, by the guard's folder; `undefined` if there is none that can be read. */
export async function guardsPublicKey(home: string): Promise<string | undefined> {
  const key = await openKeyFile(join(home, GUARD_KEY_NAME));
  if (!key.ok) return undefined;
  using signer = key.value;
  return toHex(signer.publicKey());
}

/** The same signer for callers that dispose of what they are given. It stays the owner's. */
export function lendSigner(signer: Signer): Signer {
  return {
    sharedAccess: signer.sharedAccess,
    publicKey: () => signer.publicKey(),
    sign: async (message, signal) => await signer.sign(message, signal),
    [Symbol.dispose]: () => undefined,
  };
}

/** A signer of snapshots. The caller disposes of it. */
export interface GuardSigner {
  readonly signer: Signer;
  /** Whether the guard's own key signs. */
  readonly isGuardsOwn: boolean;
}

/**
 * Opens the signer of a guard. The guard's own key is made if the user has none and named none, or if the user's can't be opened and there is no
 * terminal to ask on. Fails as `openSigner` and
 * `createKeyFile` do.
 */
export async function openGuardSigner(
  guard: Pick<OpenGuard, "home" | "homePath">,
  choice: SignerChoice,
  surroundings: SignerSurroundings,
  isUnattended = false,
): Promise<Result<GuardSigner, OperationFault>> {
  const opened = await openSigner(choice, surroundings);
  if (opened.ok) return ok({ signer: opened.value, isGuardsOwn: false });
  const isNamed =
    choice.kind !== "key-file" ||
    choice.path !== undefined ||
    surroundings.environment["RUNSEAL_KEY"] !== undefined;
  if ((isNamed || opened.code !== "KEY_NOT_FOUND") && !isUnattended) return opened;
  const path = guard.home.dir.address(GUARD_KEY_NAME);
  const shown = `${guard.homePath}/${GUARD_KEY_NAME}`;
  if (!guard.home.dir.has(GUARD_KEY_NAME)) {
    const made = await createKeyFile(path, { shown, signal: surroundings.signal });
    // Another snapshot may have made it at the same moment.
    if (!made.ok && made.code !== "KEY_EXISTS") return made;
    if (made.ok) return ok({ signer: made.value, isGuardsOwn: true });
  }
  // What a process left that was killed when the key was in its place.
  await FileEdit.sweep(path, surroundings.signal);
  const own = await openKeyFile(path, shown);
  return own.ok ? ok({ signer: own.value, isGuardsOwn: true }) : own;
}

/**
 * Makes the decision about the signers of a guard: whom the caller trusts, and the guard's own key. Snapshots have one
 * signer: the caller's lines that require several are passed over. Fails as `openKeyFile` does.
 */
export async function guardDecider(guard: OpenGuard, trust: Trust): Promise<Result<Decide, OperationFault>> {
  const decide = deciderFor(
    trust === "any-signer" ? trust : { ...trust, policy: withoutThresholds(trust.policy) },
  );
  if (!guard.home.dir.has(GUARD_KEY_NAME)) return ok(decide);
  const path = guard.home.dir.address(GUARD_KEY_NAME);
  const key = await openKeyFile(path, `${guard.homePath}/${GUARD_KEY_NAME}`);
  if (!key.ok) return key;
  using signer = key.value;
  const own = deciderFor({ policy: trustingKeys([toHex(signer.publicKey())]) });
  return ok((bundle) => {
    const byGuard = own(bundle);
    return byGuard.ok ? byGuard : decide(bundle);
  });
}
