/**
 * Which of the user's own keys is meant: by its name, its public key or a digest of it; else the default key.
 *
 * @module
 */

import { keyDigestsOf, ok, parseKeyText, parsePublicKey, type Result } from "../../core/internal.ts";
import { nodeCrypto } from "../system/runtime/node-crypto.ts";
import { type OperationFault, operationFault } from "../system/runtime/operation-fault.ts";
import type { Environment } from "../system/runtime/user-home.ts";
import { readDefaultKey } from "./default-key.ts";
import { listKeys, type StoredKey } from "./key-store.ts";

/**
 * The key that `wanted` names, else the one of RUNSEAL_KEY, else the default key, else the only one. Fails with
 * KEY_NOT_FOUND, AMBIGUOUS, HOME_UNUSABLE or READ_FAILED.
 */
export function findKey(
  environment: Environment,
  wanted: string | undefined,
): Result<StoredKey, OperationFault> {
  const keys = listKeys(environment);
  if (!keys.ok) return keys;
  const named = wanted ?? environment["RUNSEAL_KEY"];
  const chosen = named === undefined ? readDefaultKey(environment) : ok(named);
  if (!chosen.ok) return chosen;
  if (chosen.value !== undefined) return findNamed(keys.value, chosen.value);
  const [first, ...others] = keys.value;
  if (first === undefined) return operationFault("KEY_NOT_FOUND", { reason: "stored" });
  if (others.length === 0) return ok(first);
  return operationFault("AMBIGUOUS", { reason: "key", names: keys.value.map((key) => key.name) });
}

/** The key of that name, public key or digest. Fails with KEY_NOT_FOUND or AMBIGUOUS. */
export function findNamed(keys: readonly StoredKey[], wanted: string): Result<StoredKey, OperationFault> {
  const [key, ...others] = keys.filter(({ name }) => name === wanted);
  const [found, ...more] =
    key === undefined ? keys.filter((other) => isMeant(other, wanted)) : [key, ...others];
  if (found === undefined) return operationFault("KEY_NOT_FOUND", { reason: "stored", names: [wanted] });
  if (more.length === 0) return ok(found);
  return operationFault("AMBIGUOUS", { reason: "key", names: [found, ...more].map(({ name }) => name) });
}

/** A validator id may be short here, and may lack its `id:`: only the user's own keys can be meant. */
function isMeant({ publicKeyHex }: StoredKey, wanted: string): boolean {
  const identity = parsePublicKey(publicKeyHex, nodeCrypto);
  if (identity === undefined) return false;
  if (parseKeyText(wanted, nodeCrypto) === publicKeyHex) return true;
  const [fingerprint, id = ""] = keyDigestsOf(identity);
  if (wanted === fingerprint || `id:${wanted}` === id) return true;
  return /^id:[0-9a-f]{8,64}$/.test(wanted) && id.startsWith(wanted);
}
