/** The user's own part of a status: the key that signs, and who is trusted. @module */

import { parsePublicKey } from "../../../core/internal.ts";
import { findKey } from "../../../node/keys/find-key.ts";
import { refusalOfKey } from "../../../node/keys/usable-key.ts";
import { nodeCrypto } from "../../../node/system/runtime/node-crypto.ts";
import type { OperationCode, OperationDetails } from "../../../node/system/runtime/operation-fault.ts";
import type { TrustChoice } from "../../options/trust-options.ts";
import type { Io } from "../../output/io.ts";

/** The key that signs if none is named. */
export type OwnKey =
  | {
      readonly kind: "usable";
      readonly name: string;
      readonly keyId: string;
      readonly publicKeyHex: string;
    }
  /** It is there, and a seal would refuse it. */
  | { readonly kind: "refused"; readonly name: string; readonly code: OperationCode }
  /** Why there is none. `wanted`: the missing key that RUNSEAL_KEY or the default names. */
  | { readonly kind: "none"; readonly code: OperationCode; readonly wanted: string | undefined };

/** Finds the key that signs if none is named. */
export function ownKey({ environment }: Pick<Io, "environment">): OwnKey {
  const key = findKey(environment, undefined);
  if (!key.ok) {
    const { names = [] }: OperationDetails = key.code === "KEY_NOT_FOUND" ? key.details : {};
    return { kind: "none", code: key.code, wanted: names[0] };
  }
  const { name, publicKeyHex } = key.value;
  const code = refusalOfKey(environment, name);
  if (code !== undefined) return { kind: "refused", name, code };
  return { kind: "usable", name, publicKeyHex, keyId: keyIdOf(publicKeyHex) };
}

/** A signer that the policy trusts. */
export interface TrustedSigner {
  /** What the trust file calls the signer; the key's id if it has no name for it. */
  readonly names: readonly string[];
  readonly keyId: string;
}

/** The signers that a policy trusts, revoked ones left out. */
export function trustedSigners(
  choice: TrustChoice,
): readonly TrustedSigner[] | "no-policy" | "malformed" | "any-signer" {
  if (choice.kind !== "policy") return choice.kind;
  if (choice.policy === undefined) return "no-policy";
  return choice.policy.sources.flatMap(({ lines }) =>
    lines
      .filter(({ revoked }) => !revoked)
      .map(({ names, publicKeyHex }) => ({ names, keyId: keyIdOf(publicKeyHex) })),
  );
}

function keyIdOf(publicKeyHex: string): string {
  return parsePublicKey(publicKeyHex, nodeCrypto)?.keyId ?? "";
}
