/** Who signs, and whom a program believes. @module */

import { ok, parseKeyText, type Result } from "../../core/internal.ts";
import type { SignerChoice, SignerSurroundings } from "../keys/open-signer.ts";
import { passphrasesFrom } from "../keys/passphrase/passphrase.ts";
import { readTrustPolicy, type TrustRequestFault } from "../keys/trust/read-trust.ts";
import { type Trust, trustingKeys } from "../keys/trust/whom-to-trust.ts";
import { nodeCrypto } from "../system/runtime/node-crypto.ts";
import type { Call } from "./arguments.ts";

/**
 * Whom to believe: there is no default. `"any-signer"` takes every signature that holds. `"own"` is the user's own trust file. `keys` are
 * public keys as people pass them around: 64 lowercase hex, `runseal-ed25519 HEX` or `ssh-ed25519 AAAA…`. `files` are trust files.
 */
export type TrustSpec =
  | "any-signer"
  | "own"
  | {
      readonly keys?: readonly string[];
      readonly files?: readonly string[];
      /** Refuse a bundle without a timestamp of an authority that the files trust. */
      readonly requireTimestamp?: boolean;
    };

/** No policy could be made of trust files: nothing was verified. */
export interface TrustFault {
  readonly ok: false;
  readonly code: TrustRequestFault["code"];
  readonly message: string;
  /** The file, and what is wrong with it. */
  readonly details: Readonly<Record<string, string | number>>;
}

/** Makes of it what verifies. Fails with TRUST_FILE_UNREADABLE or TRUST_FILE_MALFORMED. */
export function trustOf(spec: TrustSpec, { environment, now }: Call): Result<Trust, TrustFault> {
  if (spec === "any-signer") return ok(spec);
  const { files = [], keys = [], requireTimestamp = false } = spec === "own" ? {} : spec;
  const hasFiles = spec === "own" || files.length > 0;
  const read = hasFiles ? readTrustPolicy({ files, signers: [] }, environment) : ok(undefined);
  if (!read.ok) {
    const { code, message, ok: _, ...details } = read;
    return { ok: false, code, message, details };
  }
  const hexKeys = keys.flatMap((key) => parseKeyText(key, nodeCrypto) ?? []);
  const sources = [
    ...(read.value?.sources ?? []),
    ...(hexKeys.length > 0 ? trustingKeys(hexKeys).sources : []),
  ];
  return ok({ policy: sources.length === 0 ? undefined : { sources, requireTimestamp }, now });
}

/** Who signs: a key of the user's by name, public key or digest, or a key file; default: the only or default key. Or a signer elsewhere. */
export type SignerSpec = { readonly key?: string } | Exclude<SignerChoice, { readonly kind: "key-file" }>;

/** Who signs, as `openSigner` takes it. Passphrases come from the environment, and never from a terminal. */
export function signerOf(
  {
    signal,
    signer = {},
  }: { readonly signal?: AbortSignal | undefined; readonly signer?: SignerSpec | undefined },
  { environment }: Call,
): readonly [SignerChoice, SignerSurroundings] {
  const choice = "kind" in signer ? signer : ({ kind: "key-file", path: signer.key } as const);
  return [choice, { environment, passphrases: passphrasesFrom({ environment, signal }), signal }];
}
