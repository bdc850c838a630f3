/**
 * The Ed25519 keys that an agent shows, and which of them a person means.
 *
 * @module
 */

import {
  idDigest,
  identityOf,
  ok,
  parseKeyText,
  parseSshKey,
  type Result,
  SshReader,
  sshFingerprint,
  toBase64,
  toHex,
} from "../../../core/internal.ts";
import { nodeCrypto } from "../../system/runtime/node-crypto.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";

const IDENTITIES_ANSWER = 12;

/** What a key or a fingerprint may begin with, to tell it from a comment. */
const KEY_PREFIX = "ssh-ed25519:";

/** An Ed25519 key that an agent can sign with. */
export interface AgentKey {
  /** OpenSSH's encoding of the public key, by which the agent knows it. */
  readonly blob: Uint8Array;
  /** 32 raw bytes. */
  readonly publicKey: Uint8Array;
  /** As `ssh-add -l` prints it: `SHA256:` and base64 without padding. */
  readonly fingerprint: string;
  /** A stranger's text. */
  readonly comment: string;
}

/** What an agent shows. */
export interface AgentListing {
  /** Plain Ed25519 keys; keys of other types, certificates and security keys sign something else. */
  readonly keys: readonly AgentKey[];
  /** Of any type. */
  readonly total: number;
}

/** Parses the answer to a request for identities. Fails with AGENT_UNREACHABLE. */
export function parseAgentListing(answer: Buffer): Result<AgentListing, OperationFault> {
  const reader = new SshReader(answer);
  const isListing = reader.byte() === IDENTITIES_ANSWER;
  const total = reader.number();
  if (!isListing || total === undefined) return operationFault("AGENT_UNREACHABLE", { reason: "malformed" });
  const keys: AgentKey[] = [];
  for (let index = 0; index < total; index++) {
    const blob = reader.string();
    const comment = reader.string();
    if (blob === undefined || comment === undefined)
      return operationFault("AGENT_UNREACHABLE", { reason: "malformed" });
    const publicKey = parseSshKey(toBase64(blob));
    if (publicKey === undefined) continue;
    const fingerprint = sshFingerprint(publicKey, nodeCrypto);
    keys.push({ blob, publicKey, fingerprint, comment: Buffer.from(comment).toString("utf8") });
  }
  return reader.isAtEnd ? ok({ keys, total }) : operationFault("AGENT_UNREACHABLE", { reason: "malformed" });
}

/**
 * The one key that is meant: the only one, or the one that `wanted` names by its fingerprint, by itself, or by
 * its comment. Fails with KEY_NOT_FOUND or AMBIGUOUS.
 */
export function chooseAgentKey(
  keys: readonly AgentKey[],
  wanted: string | undefined,
): Result<AgentKey, OperationFault> {
  const [first, ...others] = wanted === undefined ? keys : keys.filter((key) => isMeant(key, wanted));
  if (first === undefined) {
    return operationFault("KEY_NOT_FOUND", { reason: "agent", key: wanted ?? "", names: keys.map(nameOf) });
  }
  return others.length === 0
    ? ok(first)
    : operationFault("AMBIGUOUS", { reason: "agent-key", names: [first, ...others].map(nameOf) });
}

/** A key as a list of keys calls it. */
export function nameOf({ fingerprint, comment }: AgentKey): string {
  return comment === "" ? fingerprint : `${fingerprint} ${comment}`;
}

/** Whether a person's words for a key are in a form that only an agent's keys have. */
export function isAgentKeyName(text: string): boolean {
  return text.startsWith(KEY_PREFIX);
}

function isMeant(key: AgentKey, wanted: string): boolean {
  const name = wanted.startsWith(KEY_PREFIX) ? wanted.slice(KEY_PREFIX.length) : wanted;
  if (name === key.fingerprint || name === toBase64(key.blob)) return true;
  if (name === idDigest(identityOf(key.publicKey, nodeCrypto).validatorId)) return true;
  const hex = parseKeyText(name, nodeCrypto);
  if (hex !== undefined) return hex === toHex(key.publicKey);
  // An unset variable must not choose the one key that has no comment.
  return wanted !== "" && wanted === key.comment;
}
