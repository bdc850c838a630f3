/**
 * Reads a signature of `ssh-keygen -Y sign` (OpenSSH's PROTOCOL.sshsig), by an Ed25519 key.
 *
 * Stricter than ssh-keygen, which takes version 0 and ignores what `reserved` holds.
 *
 * @module
 */

import { RUNSEAL_NAMESPACE } from "../../../judge/trust/trust-namespaces.ts";
import { parseBase64 } from "../../../system/bytes/base64.ts";
import { ok, type Result } from "../../../system/bytes/result.ts";
import { SshReader } from "../../../system/bytes/ssh-wire.ts";
import { SSHSIG_MAGIC, type SshHash, SUMS_NAMESPACE } from "../ssh-signature.ts";
import { type EvidenceFault, evidenceFault, malformed, unsupported } from "./evidence-fault.ts";

/** The first line of the armor. */
export const SSH_SIGNATURE_BEGIN = "-----BEGIN SSH SIGNATURE-----\n";

const SSH_SIGNATURE_END = "-----END SSH SIGNATURE-----";
const KEY_TYPE = "ssh-ed25519";

const HASHES: ReadonlyMap<string, SshHash> = new Map([
  ["sha512", "sha512"],
  ["sha256", "sha256"],
]);

/** PROTOCOL.sshsig breaks lines after 76 characters, ssh-keygen after 70. */
const MAX_LINE = 76;

/** A signature as read. */
export interface ReadSshSignature {
  /** 32 raw bytes, from the signature itself: whose it is, never a reason to believe it. */
  readonly publicKey: Uint8Array;
  readonly namespace: string;
  readonly hash: SshHash;
  /** 64 raw bytes. */
  readonly signature: Uint8Array;
}

/** Reads an armored signature for one namespace. Fails with EVIDENCE_MALFORMED or EVIDENCE_UNSUPPORTED. */
export function readSshSignature(text: string, wanted: string): Result<ReadSshSignature, EvidenceFault> {
  const blob = readArmor(text);
  if (blob === undefined) return malformed("armor");
  const reader = new SshReader(blob);
  const magic = reader.take(SSHSIG_MAGIC.length);
  if (magic === undefined || magic.some((byte, index) => byte !== SSHSIG_MAGIC[index]))
    return malformed("blob");
  const version = reader.number();
  if (version === undefined) return malformed("blob");
  if (version !== 1) return unsupported("ssh-version");
  const key = reader.string();
  const namespace = reader.text();
  const reserved = reader.string();
  const algorithm = reader.text();
  const signature = reader.string();
  const isWhole = key && signature && namespace !== undefined && algorithm !== undefined && reader.isAtEnd;
  if (!isWhole || reserved === undefined) return malformed("blob");
  const publicKey = readTyped(key, 32);
  if (!publicKey.ok) return publicKey;
  if (namespace !== wanted) {
    const details = { reason: "ssh-namespace", expected: wanted, actual: namespace } as const;
    return evidenceFault("EVIDENCE_UNSUPPORTED", details);
  }
  if (reserved.length > 0) return unsupported("ssh-reserved");
  const hash = HASHES.get(algorithm);
  if (hash === undefined) return unsupported("ssh-hash");
  const raw = readTyped(signature, 64);
  return raw.ok ? ok({ publicKey: publicKey.value, namespace, hash, signature: raw.value }) : raw;
}

/**
 * The namespaces of which a trust line with that option must allow one. A list of digests that runseal exports is runseal's own
 * too, so a line for `runseal` suffices.
 */
export function namespacesOf({ namespace }: Pick<ReadSshSignature, "namespace">): readonly string[] {
  return namespace === SUMS_NAMESPACE ? [namespace, RUNSEAL_NAMESPACE] : [namespace];
}

function readArmor(text: string): Uint8Array | undefined {
  const body = text.endsWith("\n") ? text.slice(0, -1) : text;
  if (!body.startsWith(SSH_SIGNATURE_BEGIN) || !body.endsWith(`\n${SSH_SIGNATURE_END}`)) return undefined;
  const inner = body.slice(SSH_SIGNATURE_BEGIN.length, -SSH_SIGNATURE_END.length - 1);
  const lines = inner.split("\n");
  if (lines.some(({ length }) => length === 0 || length > MAX_LINE)) return undefined;
  return parseBase64(lines.join(""));
}

/** A key or a signature behind the name of its type. */
function readTyped(bytes: Uint8Array, length: number): Result<Uint8Array, EvidenceFault> {
  const reader = new SshReader(bytes);
  const type = reader.text();
  if (type === undefined) return malformed("blob");
  if (type !== KEY_TYPE) return unsupported("ssh-key-type");
  const raw = reader.string();
  return raw?.length === length && reader.isAtEnd ? ok(raw) : malformed("blob");
}
