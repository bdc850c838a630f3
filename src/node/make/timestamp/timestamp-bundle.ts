/**
 * Adds a timestamp to a bundle (PROTOCOL 17): asks an authority for a token over the bundle's signature, judges it, and keeps it in
 * TIMESTAMPS.json.
 *
 * @module
 */

import {
  type ArtifactReading,
  authoritiesOf,
  contradicts,
  DEFAULT_LIMITS,
  declaredTime,
  encodeTimestamps,
  type HexDigest,
  isSameBytes,
  judgeHere,
  type ListedAuthority,
  MAX_TIMESTAMPS_BYTES,
  ok,
  RESTORE,
  type Result,
  readSignature,
  readTimestamps,
  type SoundToken,
  TIMESTAMPS_NAME,
  type TokenFault,
  type TrustPolicy,
  tokenMoment,
  type VouchedMoment,
} from "../../../core/internal.ts";
import { findAuthority, judgeToken } from "../../keys/time/node-time.ts";
import { editBundleFile } from "../../records/bundle/edit-bundle-file.ts";
import { openBundle } from "../../records/bundle/open-bundle.ts";
import { type VerifyFailure, verifyContext } from "../../records/bundle/verify-context.ts";
import { nodeFileSystem } from "../../system/files/file-system.ts";
import { readRegularFile } from "../../system/files/read-source.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import { type AuthorityAddress, askAuthority } from "./ask-authority.ts";
import { addToken, type KeepFault, type KeptTokens } from "./kept-tokens.ts";
import { type LostTrust, lostTrust } from "./lost-trust.ts";
import { makeRequest, readAnswer } from "./time-stamp-protocol.ts";

/** What to stamp, and by whom. */
export interface TimestampRequest {
  /** The run directory. */
  readonly bundle: string;
  readonly authority: AuthorityAddress;
  /** Whose authorities count. A token of another one is kept too, and reported as such. */
  readonly policy: TrustPolicy | undefined;
  /** The present, in seconds since 1970. */
  readonly now: number;
  readonly signal?: AbortSignal | undefined;
}

/** What a token says, by any authority. */
type StampedTime = Pick<VouchedMoment, "accuracy_ms" | "before" | "not_after">;

/** A bundle with one token more. */
export interface TimestampedBundle {
  readonly runId: string;
  readonly bundleRoot: HexDigest;
  /** What the new token says; its authority is undefined if the policy names none of its certificates. */
  readonly time: StampedTime & Partial<VouchedMoment>;
  /** SHA-256 of the certificates in the token, its signer's first. */
  readonly certificates: readonly HexDigest[];
  /** How many tokens the file has now. */
  readonly tokens: number;
  /** How many were dropped: they did not hold, or made room for the new one. */
  readonly dropped: number;
  /** The policy trusted the bundle before, and refuses it now, for the time of the new token. */
  readonly lostTrust: LostTrust | undefined;
}

/** What a token must be over, and what its time must not be before. */
interface Stamped {
  readonly signature: Uint8Array;
  readonly claimed: string | undefined;
}

/**
 * Stamps a bundle whose artifacts are sound; its outputs are not looked at. Fails as verification does; with a TSA_ code if the
 * authority gives no token, and a TIMESTAMP_ code if the token does not hold; with TIMESTAMP_INVALID; with
 * TIMESTAMPS_MALFORMED or NOTHING_TO_ADD if nothing can be added; with CHANGED_WHILE_READ if the path has another signature by
 * then. Then nothing has changed. Throws an Interruption.
 */
export async function timestampBundle(
  request: TimestampRequest,
): Promise<Result<TimestampedBundle, VerifyFailure>> {
  const { bundle: path, now, policy, signal } = request;
  const opened = openBundle(path);
  if (!opened.ok) return opened;
  const judged = judgeHere(opened.value, verifyContext(), RESTORE);
  if (!judged.ok) return judged;
  const signature = readSignature(opened.value.artifacts["SIGNATURE.json"]);
  if (signature === undefined) throw new TypeError("a signature that holds was read before");
  const stamped = { signature, claimed: declaredTime(judged.value.status) };
  const authorities = authoritiesOf(policy);
  // Asked before too: an authority should not be asked in vain.
  const before = addToken(opened.value.timestamps ?? { kind: "missing" }, undefined, signature, authorities);
  if (!before.ok) return tokensFault(before, path);
  const asked = await askForToken(request, stamped);
  if (!asked.ok) return asked;
  const { sound, token } = asked.value;
  const seen = opened.value.artifacts["SIGNATURE.json"];
  const added = await addTo(path, token, { signal, seen, signature, authorities });
  if (!added.ok) return added;
  const { certificates, signer } = sound;
  const found = findAuthority(sound, authorities);
  const by = found.ok ? vouchedBy(found.value) : {};
  return ok({
    runId: judged.value.opened.runId,
    bundleRoot: judged.value.bundleRoot,
    time: { ...tokenMoment(sound), ...by },
    certificates: [signer, ...certificates.filter((one) => one !== signer)].map(({ digest }) => digest),
    tokens: added.value.tokens.length,
    dropped: added.value.dropped,
    lostTrust: lostTrust(judged.value, added.value.tokens, policy, now),
  });
}

function vouchedBy({
  certificate,
  decided_by,
  name,
}: ListedAuthority): Omit<VouchedMoment, keyof StampedTime> {
  return { authority: name, certificate, decided_by };
}

async function askForToken(
  { authority, policy, signal }: TimestampRequest,
  { claimed, signature }: Stamped,
): Promise<Result<{ readonly token: Uint8Array; readonly sound: SoundToken }, OperationFault>> {
  const { shown: url } = authority;
  const { bytes, nonce } = makeRequest(signature);
  const sent = await askAuthority(authority, bytes, signal);
  if (!sent.ok) return sent;
  const answer = readAnswer(sent.value);
  switch (answer.kind) {
    case "malformed":
      return operationFault("TSA_ANSWER_MALFORMED", { reason: "form", url });
    case "too-large":
      return operationFault("TSA_ANSWER_MALFORMED", { reason: "too-large", url });
    case "refused":
      return operationFault("TSA_REFUSED", { url, status: answer.status });
    case "token":
      break;
  }
  const { token } = answer;
  const sound = judgeToken(token, { stamped: signature, nonce });
  if (!sound.ok) return tokenFault(sound, url);
  const found = findAuthority(sound.value, authoritiesOf(policy));
  // A token of an authority that is not named here may count elsewhere. One of a named authority that does not vouch for it may not.
  if (!found.ok && found.flaw !== "authority-unknown") return tokenFault(found, url);
  return contradicts(tokenMoment(sound.value), claimed)
    ? operationFault("TIMESTAMP_INVALID", { reason: "before-seal", url })
    : ok({ token, sound: sound.value });
}

function tokensFault({ code }: KeepFault, path: string): OperationFault {
  return code === "NOTHING_TO_ADD"
    ? operationFault(code, { reason: "timestamps", path })
    : operationFault(code, { path });
}

function tokenFault({ code, flaw, reason }: TokenFault, url: string): OperationFault {
  return operationFault(code, { reason: flaw, url, why: reason });
}

interface Adding {
  /** SIGNATURE.json, as it was before the authority was asked. */
  readonly seen: ArtifactReading;
  readonly signature: Uint8Array;
  readonly authorities: readonly ListedAuthority[];
  readonly signal: AbortSignal | undefined;
}

async function addTo(
  path: string,
  token: Uint8Array,
  { authorities, seen, signal, signature }: Adding,
): Promise<Result<KeptTokens, OperationFault>> {
  const file = { name: TIMESTAMPS_NAME, limit: MAX_TIMESTAMPS_BYTES, signal };
  return await editBundleFile<KeptTokens>(path, file, (before, folder) => {
    // While the authority was asked, another bundle may have taken the path. Its tokens are not over this signature.
    const now = readRegularFile(folder, "SIGNATURE.json", DEFAULT_LIMITS.artifactBytes, nodeFileSystem);
    if (!isSameFile(seen, now)) return operationFault("CHANGED_WHILE_READ", { path });
    const added = addToken(before, token, signature, authorities);
    if (!added.ok) return tokensFault(added, path);
    const bytes = encodeTimestamps(added.value.tokens);
    if (typeof readTimestamps({ kind: "bytes", bytes }) === "string")
      throw new TypeError("tokens of our own are read again");
    return ok({ bytes, value: added.value });
  });
}

function isSameFile(before: ArtifactReading, now: ArtifactReading): boolean {
  return before.kind === "bytes" && now.kind === "bytes" && isSameBytes(before.bytes, now.bytes);
}
