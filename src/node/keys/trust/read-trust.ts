/**
 * Where a trust policy comes from: files and keys that the caller names, else the user's own trust file.
 *
 * @module
 */

import {
  faultWords,
  MAX_TRUST_FILE_BYTES,
  type MachineReason,
  ok,
  parseKeyDigest,
  parseKeyText,
  parseTrustFile,
  quote,
  type Result,
  type TrustFile,
  type TrustFileFault,
  type TrustPolicy,
  type TrustSource,
  UNRESTRICTED,
} from "../../../core/internal.ts";
import { readNamedBytes } from "../../system/files/open-named-file.ts";
import { publishCause } from "../../system/runtime/cause-channel.ts";
import { errnoOf, reasonOf } from "../../system/runtime/machine-reason.ts";
import { digestOf, nodeCrypto } from "../../system/runtime/node-crypto.ts";
import type { Environment } from "../../system/runtime/user-home.ts";
import { userTrustFile } from "../key-store.ts";
import { keyInLine } from "../named-key.ts";
import { isPublicFileName, readPublicKeyFile } from "../public-file.ts";

/** The label of a source that is a key of the request. */
export const SIGNER_LABEL = "--signer";

/** What the user's own trust file is called: its path says more of the machine than an answer should. */
export const OWN_LABEL = "your trust file";

/** The caller's choice of trusted signers. */
export interface TrustRequest {
  /** Trust files; these replace the user's own. */
  readonly files: readonly string[];
  /**
   * Keys as people pass them around, see `parseKeyText`, or named by a digest, see `parseKeyDigest`. They replace the
   * user's own file too.
   */
  readonly signers: readonly string[];
  /** See `TrustPolicy`. */
  readonly requireTimestamp?: boolean;
}

/** A trust file that can't be read. */
interface UnreadableTrustFile {
  readonly ok: false;
  readonly code: "TRUST_FILE_UNREADABLE";
  readonly file: string;
  readonly reason: MachineReason | "not-there" | "not-a-file" | "too-large";
  /** What failed, and on what, on one line. */
  readonly message: string;
}

/** No policy could be made: nothing is trusted. */
export type TrustRequestFault =
  | (TrustFileFault & { readonly file: string })
  | UnreadableTrustFile
  | SignerTextFault;

/** A text that the caller gave is not a public key. */
export interface SignerTextFault {
  readonly ok: false;
  readonly code: "SIGNER_NOT_A_KEY";
  readonly text: string;
  readonly message: string;
}

/**
 * Reads the policy of a request; `undefined` if there is none: then no signer is trusted. A file that the caller named
 * must exist; the user's own may be missing.
 */
export function readTrustPolicy(
  request: TrustRequest,
  environment: Environment,
): Result<TrustPolicy | undefined, TrustRequestFault> {
  const sources: TrustSource[] = [];
  for (const file of request.files) {
    const source = readTrustFile(file);
    if (!source.ok) return source;
    if (source.value === undefined) return unreadable(file, "not-there");
    sources.push(source.value);
  }
  for (const text of request.signers) {
    const digest = parseKeyDigest(text);
    if (digest !== undefined) {
      sources.push({ label: SIGNER_LABEL, lines: [], thresholds: [], digests: [digest] });
      continue;
    }
    const publicKeyHex = signerKeyOf(text);
    if (publicKeyHex === undefined) return notAKey(text);
    sources.push({
      label: SIGNER_LABEL,
      lines: [{ line: 0, names: [], publicKeyHex, ...UNRESTRICTED }],
      thresholds: [],
    });
  }
  const requireTimestamp = request.requireTimestamp === true;
  if (sources.length > 0) return ok({ sources, requireTimestamp });
  const own = readTrustFile(userTrustFile(environment), OWN_LABEL);
  if (!own.ok) return own;
  return ok(own.value === undefined ? undefined : { sources: [own.value], requireTimestamp });
}

/** The fault of a text that is not a public key. */
export function notAKey(text: string): SignerTextFault {
  return { ok: false, code: "SIGNER_NOT_A_KEY", text, message: faultWords("SIGNER_NOT_A_KEY", [text]) };
}

/** A key of the request, or that of a `.pub` file. A file that can't be read is not a key. */
function signerKeyOf(text: string): string | undefined {
  if (!isPublicFileName(text)) return parseKeyText(keyInLine(text), nodeCrypto);
  const read = readPublicKeyFile(text);
  return read.ok ? read.value : undefined;
}

/**
 * Reads and parses one file; `undefined` if it is missing. `label` is its name in messages: the path as the
 * caller gave it, never a path that runseal derived.
 */
export function readTrustFile(
  file: string,
  label: string = file,
): Result<TrustSource | undefined, TrustRequestFault> {
  const bytes = readTrustBytes(file, label);
  if (!bytes.ok) return bytes;
  return bytes.value === undefined ? ok(undefined) : parseTrustBytes(bytes.value, label);
}

/** Parses a file that was read. */
export function parseTrustBytes(
  bytes: Uint8Array,
  label: string,
): Result<TrustSource & TrustFile, TrustRequestFault> {
  const parsed = parseTrustFile(bytes, nodeCrypto);
  return parsed.ok
    ? ok({ label, sha256: digestOf(bytes), ...parsed.value })
    : { ...parsed, file: label, message: `${parsed.message} of ${quote(label)}` };
}

/** Reads one file, bounded; `undefined` if it is missing. */
export function readTrustBytes(
  file: string,
  label: string,
): Result<Uint8Array | undefined, TrustRequestFault> {
  try {
    const bytes = readNamedBytes(file, MAX_TRUST_FILE_BYTES);
    return typeof bytes === "string" ? unreadable(label, bytes) : ok(bytes);
  } catch (thrown) {
    const reason = reasonOf(thrown);
    if (errnoOf(thrown) === "ENOENT") return ok(undefined);
    publishCause(thrown);
    return unreadable(label, reason);
  }
}

/** The fault of a file that can't be read. */
export function unreadable(file: string, reason: UnreadableTrustFile["reason"]): UnreadableTrustFile {
  const code = "TRUST_FILE_UNREADABLE";
  return { ok: false, code, file, reason, message: faultWords(code, [file], reason) };
}
