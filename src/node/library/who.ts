/** Who signs, and whom a program believes. @module */

import { ok, parseKeyText, type Result, type TrustSource } from "../../core/internal.ts";
import type { SignerChoice, SignerSurroundings } from "../keys/open-signer.ts";
import { passphrasesFrom } from "../keys/passphrase/passphrase.ts";
import { parseTrustBytes, readTrustPolicy, type TrustRequestFault } from "../keys/trust/read-trust.ts";
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
      /** Trust files that the program has read. */
      readonly contents?: readonly TrustContent[];
      /** Refuse a bundle without a timestamp of an authority that the files trust. */
      readonly requireTimestamp?: boolean;
    };

/** A trust file that was read, and its name in reasons. */
export interface TrustContent {
  readonly label: string;
  readonly bytes: Uint8Array;
}

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
  const { contents = [], files = [], keys = [], requireTimestamp = false } = spec === "own" ? {} : spec;
  const hasFiles = spec === "own" || files.length > 0;
  const read = hasFiles ? readTrustPolicy({ files, signers: [] }, environment) : ok(undefined);
  if (!read.ok) return trustFault(read);
  const parsed: TrustSource[] = [];
  for (const { bytes, label } of contents) {
    const source = parseTrustBytes(bytes, label);
    if (!source.ok) return trustFault(source);
    parsed.push(source.value);
  }
  const hexKeys = keys.flatMap((key) => parseKeyText(key, nodeCrypto) ?? []);
  const sources = [
    ...(read.value?.sources ?? []),
    ...parsed,
    ...(hexKeys.length > 0 ? trustingKeys(hexKeys).sources : []),
  ];
  return ok({ policy: sources.length === 0 ? undefined : { sources, requireTimestamp }, now });
}

function trustFault({ code, message, ok: _, ...details }: TrustRequestFault): TrustFault {
  return { ok: false, code, message, details };
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
