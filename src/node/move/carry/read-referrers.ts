/**
 * Reads what refers to a run in a repository. Anybody who may write there can add to it, so it is bounded, and only what holds, by
 * keys and authorities that the reader's policy names, is taken.
 *
 * @module
 */

import {
  authoritiesOf,
  type Descriptor,
  decideByLines,
  encodeTimestamps,
  type HexDigest,
  keyDigestsOf,
  MAX_TIMESTAMPS,
  matchesDigest,
  mergeCountersignatures,
  ok,
  parseManifest,
  type ReferrerKind,
  type Result,
  readTimestamps,
  referrerFile,
  referrerKindOf,
  type SignerIdentity,
  type TrustPolicy,
} from "../../../core/internal.ts";
import { findAuthority, judgeToken } from "../../keys/time/node-time.ts";
import { digestOf, nodeCrypto } from "../../system/runtime/node-crypto.ts";
import type { OperationFault } from "../../system/runtime/operation-fault.ts";
import { readIntoMemory } from "../registry/blob-bytes.ts";
import { isBrokenContent } from "../registry/malformed.ts";
import { MAX_REFERRERS, type Repository } from "../registry/repository.ts";

/** Bytes of all referrers of a run that are read, manifests included. */
export const MAX_REFERRER_BYTES: number = 16 * 1024 * 1024;

/** Bytes of a referrer's manifest. One that a push writes has less than 1 KiB. */
const MAX_REFERRER_MANIFEST_BYTES: number = 64 * 1024;

/** The files of referrers, not judged yet. */
export interface ReferrerFiles {
  readonly files: Readonly<Record<ReferrerKind, readonly Uint8Array[]>>;
  /** Whether more exist than the limits allow. */
  readonly more: boolean;
  /** Whether what stands in the place of their list is not one, so that none were read. */
  readonly unreadable: boolean;
}

/** What was taken of the referrers of a run. */
export interface TakenReferrers {
  /** COUNTERSIGNATURES.json and TIMESTAMPS.json; undefined where nothing was taken. */
  readonly countersignatures: Uint8Array | undefined;
  readonly timestamps: Uint8Array | undefined;
  /** Countersignatures and timestamps that were taken, and those that were left out. */
  readonly taken: number;
  readonly left: number;
  /** Whether more exist than the limits allow. */
  readonly more: boolean;
  /** Whether their list could not be read. */
  readonly unreadable: boolean;
}

/**
 * Reads the referrers of a manifest: of runseal's kinds, at most 1,000 and 16 MiB. Fails as the repository does. A list that is broken
 * counts as empty, and the caller warns: any user who may write to the repository can put something else under the fallback tag. A
 * registry can hide referrers in any case. Without them no threshold and no demand for a timestamp is met, and `revoked=` admits
 * nothing. But `valid-before` is then judged by the signer's own time, as of any run without timestamps (PROTOCOL 17).
 */
export async function readReferrers(
  repository: Repository,
  subject: HexDigest,
  signal: AbortSignal | undefined,
): Promise<Result<ReferrerFiles, OperationFault>> {
  const listed = await repository.listReferrers(subject, signal);
  const files: Record<ReferrerKind, Uint8Array[]> = { countersignatures: [], timestamps: [] };
  if (!listed.ok) return isBrokenContent(listed) ? ok({ files, more: false, unreadable: true }) : listed;
  let more = false;
  let room = MAX_REFERRER_BYTES;
  for (const descriptor of listed.value.items.slice(0, MAX_REFERRERS)) {
    const kind = referrerKindOf(descriptor);
    if (kind === undefined) continue;
    const file = await readReferrer(repository, descriptor, kind, { room, subject, signal });
    if (!file.ok) return file;
    if (typeof file.value === "string") {
      more ||= file.value === "no-room";
      if (more) break;
      continue;
    }
    room -= descriptor.size + file.value.length;
    files[kind].push(file.value);
  }
  return ok({ files, more: more || listed.value.more, unreadable: false });
}

interface Reading {
  readonly room: number;
  readonly subject: HexDigest;
  readonly signal: AbortSignal | undefined;
}

/** What was read of a referrer. `other`: it is not one that a push writes. Any user may add such a thing, and it must block nothing. */
type ReferrerRead = Uint8Array | "no-room" | "other";

/** Reads the file of a referrer. Fails as the repository does. */
async function readReferrer(
  repository: Repository,
  { digest, size }: Descriptor,
  kind: ReferrerKind,
  { room, signal, subject }: Reading,
): Promise<Result<ReferrerRead, OperationFault>> {
  if (size > MAX_REFERRER_MANIFEST_BYTES) return ok("other");
  const stored = await repository.readManifest({ digest }, signal);
  if (!stored.ok) return isBrokenContent(stored) ? ok("other") : stored;
  const manifest = parseManifest(stored.value.bytes);
  if (!manifest.ok || !matchesDigest(subject, manifest.value.subject?.digest, nodeCrypto)) return ok("other");
  const file = referrerFile(kind, manifest.value);
  if (file === undefined) return ok("other");
  if (stored.value.bytes.length + file.size > room) return ok("no-room");
  const bytes = await readIntoMemory(repository, file, file.size, signal);
  return !bytes.ok && isBrokenContent(bytes) ? ok("other") : bytes;
}

/**
 * Takes countersignatures that hold over a bundle, by keys that the policy names, and timestamps that hold over its signature, by
 * authorities that it names.
 */
export function takeReferrers(
  { files, more, unreadable }: ReferrerFiles,
  { bundleRoot, signature }: { readonly bundleRoot: HexDigest; readonly signature: Uint8Array },
  policy: TrustPolicy | undefined,
): TakenReferrers {
  const admits = (signer: SignerIdentity): boolean => isNamed(policy, signer);
  const merged = mergeCountersignatures(files.countersignatures, bundleRoot, admits, nodeCrypto);
  const tokens = takeTokens(files.timestamps, signature, policy);
  return {
    countersignatures: merged.bytes,
    timestamps: tokens.taken.length === 0 ? undefined : encodeTimestamps(tokens.taken),
    taken: merged.taken + tokens.taken.length,
    left: merged.left + tokens.left,
    more,
    unreadable,
  };
}

/** Whether a line of the policy lists a key, whatever it decides about it. */
function isNamed(policy: TrustPolicy | undefined, signer: SignerIdentity): boolean {
  if (policy === undefined) return false;
  const { publicKeyHex } = signer;
  const question = { publicKeyHex, digests: keyDigestsOf(signer), bound: false, moment: 0, said: "" };
  return decideByLines(policy, question).length > 0;
}

function takeTokens(
  files: readonly Uint8Array[],
  signature: Uint8Array,
  policy: TrustPolicy | undefined,
): { readonly taken: readonly Uint8Array[]; readonly left: number } {
  const authorities = authoritiesOf(policy);
  const taken = new Map<string, Uint8Array>();
  let left = 0;
  for (const bytes of files) {
    const tokens = readTimestamps({ kind: "bytes", bytes });
    if (typeof tokens === "string") {
      left++;
      continue;
    }
    for (const token of tokens) {
      const name: string = digestOf(token);
      if (taken.has(name)) continue;
      const sound = judgeToken(token, { stamped: signature });
      const isTaken = taken.size < MAX_TIMESTAMPS && sound.ok && findAuthority(sound.value, authorities).ok;
      if (isTaken) taken.set(name, token);
      else left++;
    }
  }
  return { taken: [...taken.values()], left };
}
