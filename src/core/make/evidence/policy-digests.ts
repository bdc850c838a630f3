/**
 * The digests of a trust policy: they say by which policy a verifier trusted a signer, and let a reader who has it compare.
 *
 * @module
 */

import type { TrustPolicy, TrustSource } from "../../judge/trust/trust-decision.ts";
import type { KeyDigest } from "../../records/artifacts/key-digest.ts";
import { parseBase64 } from "../../system/bytes/base64.ts";
import type { Crypto } from "../../system/bytes/crypto.ts";
import { digestToHex, type HexDigest, isHexDigest, parseHex, toHex } from "../../system/bytes/hex.ts";

/** One part of a policy. */
export interface PolicyDigest {
  /** A trust file, by its bytes; or a key of the request, by the digest of its 32 raw bytes, or by its OpenSSH fingerprint. */
  readonly name: "trust-file" | "public-key" | "ssh-fingerprint";
  readonly sha256: HexDigest;
}

/** The digests of a policy, in the order of its sources. Throws a TypeError for a source that is neither: a bug. */
export function policyDigests({ sources }: TrustPolicy, crypto: Crypto): readonly PolicyDigest[] {
  return sources.map((source) => digestOfSource(source, crypto));
}

function digestOfSource({ digests = [], lines, sha256 }: TrustSource, crypto: Crypto): PolicyDigest {
  if (sha256 !== undefined) return { name: "trust-file", sha256 };
  const publicKey = parseHex(lines[0]?.publicKeyHex ?? "", 32);
  if (publicKey !== undefined) return { name: "public-key", sha256: digestToHex(crypto.sha256(publicKey)) };
  const [digest] = digests;
  if (digest === undefined) throw new TypeError("a source of a policy is a file or a key");
  return digestOfName(digest);
}

function digestOfName(name: KeyDigest): PolicyDigest {
  const id = name.startsWith("id:") ? name.slice(3) : undefined;
  if (isHexDigest(id)) return { name: "public-key", sha256: id };
  // OpenSSH leaves out the padding.
  const bytes = parseBase64(`${name.slice("SHA256:".length)}=`);
  const hex = bytes && toHex(bytes);
  if (!isHexDigest(hex)) throw new TypeError("the name of a key was parsed");
  return { name: "ssh-fingerprint", sha256: hex };
}
