/**
 * The keys that a caller of `check` believes: those of a trust policy, and keys in the forms of other tools.
 *
 * @module
 */

import {
  decodeUtf8,
  type EcdsaKey,
  type EvidenceKey,
  ed25519Key,
  ok,
  parseHex,
  parseKeyDigest,
  parseKeyText,
  parseNumberedKey,
  parsePublicKeyText,
  type Result,
  type TrustPolicy,
  toHex,
} from "../../../core/internal.ts";
import { isPublicFileName, readPublicBytes, readPublicKeyFile } from "../../keys/public-file.ts";
import { notAKey, readTrustPolicy, type TrustRequestFault } from "../../keys/trust/read-trust.ts";
import { unlessRefused } from "../../system/runtime/machine-reason.ts";
import { nodeCrypto } from "../../system/runtime/node-crypto.ts";
import type { Environment } from "../../system/runtime/user-home.ts";

/** The caller's choice. */
export interface SignerRequest {
  /** A trust file, of Ed25519 keys. Without one and without `signers`, the user's own. */
  readonly trust?: string | undefined;
  /**
   * Keys as `readTrustPolicy` takes them; a file `.pub` or `.pem` with a key in PEM, or one of minisign or signify; or the
   * 56 characters of minisign's `-P`.
   */
  readonly signers: readonly string[];
}

/** Whom the caller believes. */
export interface ReliableKeys {
  /** Decides about Ed25519 keys; undefined where the caller has no policy at all. */
  readonly policy: TrustPolicy | undefined;
  /**
   * Every key that a signature may be tried with: those of the policy, revoked ones among them, and the caller's ECDSA keys. A
   * key that the policy names by a digest alone is missing here.
   */
  readonly keys: readonly EvidenceKey[];
}

/** Reads the keys of a request. Fails as `readTrustPolicy` does. */
export function readBelievedKeys(
  { signers, trust }: SignerRequest,
  environment: Environment,
): Result<ReliableKeys, TrustRequestFault> {
  const numbers = new Map<string, Set<string | undefined>>();
  const ecdsa: EcdsaKey[] = [];
  const texts: string[] = [];
  for (const text of signers) {
    const key = readSigner(text);
    if (key === undefined) return notAKey(text);
    if (typeof key === "string") texts.push(key);
    else if (key.algorithm === "ed25519") {
      const hex = toHex(key.publicKey);
      numbers.set(hex, (numbers.get(hex) ?? new Set()).add(key.number));
      texts.push(hex);
    } else ecdsa.push(key);
  }
  const files = trust === undefined ? [] : [trust];
  // Keys of the caller replace the user's own file, also where all of them are of ECDSA.
  const isNamed = texts.length + files.length > 0 || ecdsa.length === 0;
  const policy = isNamed ? readTrustPolicy({ files, signers: texts }, environment) : ok({ sources: [] });
  if (!policy.ok) return policy;
  const sources = policy.value?.sources ?? [];
  const listed = new Set(sources.flatMap(({ lines }) => lines.map((line) => line.publicKeyHex)));
  // A key that was given in two files has the number of either.
  const keys = [...listed].flatMap((hex) =>
    Array.from(numbers.get(hex) ?? [undefined], (number) => keyOf(hex, number)),
  );
  return ok({ policy: policy.value, keys: [...keys, ...ecdsa] });
}

/** A key in one of the forms; a text that `readTrustPolicy` understands, as a text. */
function readSigner(text: string): EvidenceKey | string | undefined {
  if (parseKeyDigest(text) !== undefined || parseKeyText(text, nodeCrypto) !== undefined) return text;
  const numbered = parseNumberedKey(text);
  if (numbered !== undefined) return numbered;
  if (!isPublicFileName(text)) return undefined;
  const key = readKeyFile(text);
  if (key !== undefined) return key;
  const read = readPublicKeyFile(text);
  return read.ok ? read.value : undefined;
}

/** A file that can't be read holds no key. */
function readKeyFile(path: string): EvidenceKey | undefined {
  const bytes = unlessRefused(() => readPublicBytes(path));
  const text = bytes === undefined || typeof bytes === "string" ? undefined : decodeUtf8(bytes);
  return text === undefined ? undefined : parsePublicKeyText(text);
}

function keyOf(hex: string, number: string | undefined): EvidenceKey {
  const publicKey = parseHex(hex, 32);
  const key = publicKey && ed25519Key(publicKey, number);
  if (key === undefined) throw new TypeError("a policy lists no refused key");
  return key;
}
