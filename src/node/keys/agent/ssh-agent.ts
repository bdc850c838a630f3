/**
 * Signing by an ssh-agent: the private key never enters this process (PROTOCOL 14, H-01).
 *
 * Two messages are enough: what keys are there, and sign this. The agent signs the raw message with plain
 * Ed25519, so its signature is the same as one of a key file.
 *
 * @module
 */

import { isSameBytes, ok, type Result, SshReader, sshString, sshUint32 } from "../../../core/internal.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import type { Environment } from "../../system/runtime/user-home.ts";
import type { Signer } from "../signer.ts";
import { type AgentAddress, askAgent } from "./agent-connection.ts";
import { type AgentKey, type AgentListing, chooseAgentKey, nameOf, parseAgentListing } from "./agent-key.ts";

const IDENTITIES_REQUEST = 11;
const SIGN_REQUEST = 13;
const SIGN_ANSWER = 14;

/** Bytes of the longest message that OpenSSH's agent takes (AGENT_MAX_LEN in ssh-agent.c), its length aside. */
const MAX_REQUEST_BYTES = 256 * 1024;

/** Failures: the protocol's, two of older agents, and that of extensions. */
const REFUSALS: readonly (number | undefined)[] = [5, 30, 102, 28];

/** Which key of which agent. */
export interface AgentRequest {
  /** Where SSH_AUTH_SOCK is looked up. */
  readonly environment: Environment;
  /** A fingerprint, a public key or a comment; default: the only Ed25519 key there. */
  readonly key?: string | undefined;
  /** How long to wait for one answer: a person may be asked to confirm. */
  readonly seconds: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Finds the key to sign with. Fails with AGENT_UNREACHABLE, SIGNER_FAILED,
 * AMBIGUOUS or KEY_NOT_FOUND, `agent-empty` where it shows no keys: it holds none, or is locked.
 */
export async function openAgentSigner(request: AgentRequest): Promise<Result<Signer, OperationFault>> {
  const socket = request.environment["SSH_AUTH_SOCK"];
  if (socket === undefined || socket === "")
    return operationFault("AGENT_UNREACHABLE", { reason: "not-set" });
  const agent = { socket, seconds: request.seconds };
  const listing = await listKeys(agent, request.signal);
  if (!listing.ok) return listing;
  const { keys } = listing.value;
  if (keys.length === 0) return operationFault("KEY_NOT_FOUND", { reason: "agent-no-ed25519" });
  const key = chooseAgentKey(keys, request.key);
  return key.ok ? ok(new AgentSigner(agent, key.value)) : key;
}

/** Signs by one key of an agent. */
class AgentSigner implements Signer {
  readonly sharedAccess = "agent";
  readonly #agent: AgentAddress;
  readonly #key: AgentKey;

  constructor(agent: AgentAddress, key: AgentKey) {
    this.#agent = agent;
    this.#key = key;
  }

  publicKey(): Uint8Array {
    return this.#key.publicKey;
  }

  async sign(message: Uint8Array, signal?: AbortSignal): Promise<Result<Uint8Array, OperationFault>> {
    // The last field holds flags, which only RSA keys heed.
    const fields = [sshString(this.#key.blob), sshString(message), sshUint32(0)];
    const request = Buffer.concat([Buffer.of(SIGN_REQUEST), ...fields]);
    // The agent would close the connection without an answer.
    if (request.length > MAX_REQUEST_BYTES)
      return operationFault("SIGNER_FAILED", { reason: "agent-too-large" });
    const answer = await askAgent(this.#agent, request, signal);
    if (!answer.ok) return answer;
    if (REFUSALS.includes(answer.value[0])) return await this.#whyRefused(signal);
    const signature = parseSignature(answer.value);
    return signature === undefined
      ? operationFault("AGENT_UNREACHABLE", { reason: "malformed" })
      : ok(signature);
  }

  /** The agent gives no reason; what it shows now may. */
  async #whyRefused(signal: AbortSignal | undefined): Promise<OperationFault> {
    const listing = await listKeys(this.#agent, signal);
    if (!listing.ok) return listing;
    const { keys } = listing.value;
    const isThere = keys.some((key) => isSameBytes(key.blob, this.#key.blob));
    return isThere
      ? operationFault("SIGNER_FAILED", { reason: "agent-refused" })
      : operationFault("KEY_NOT_FOUND", {
          reason: "agent",
          key: this.#key.fingerprint,
          names: keys.map(nameOf),
        });
  }

  [Symbol.dispose](): void {
    // There is nothing to give back: each question has a connection of its own.
  }
}

async function listKeys(
  agent: AgentAddress,
  signal: AbortSignal | undefined,
): Promise<Result<AgentListing, OperationFault>> {
  const answer = await askAgent(agent, Buffer.of(IDENTITIES_REQUEST), signal);
  if (!answer.ok) return answer;
  if (REFUSALS.includes(answer.value[0])) return operationFault("SIGNER_FAILED", { reason: "agent-refused" });
  const listing = parseAgentListing(answer.value);
  // A locked agent shows none, and nothing that may be asked of it tells it from an empty one.
  return listing.ok && listing.value.total === 0
    ? operationFault("KEY_NOT_FOUND", { reason: "agent-empty" })
    : listing;
}

/** The 64 raw bytes inside an answer, or `undefined` for anything but one Ed25519 signature. */
function parseSignature(answer: Buffer): Uint8Array | undefined {
  const outer = new SshReader(answer);
  if (outer.byte() !== SIGN_ANSWER) return undefined;
  const inner = new SshReader(outer.string() ?? Buffer.alloc(0));
  if (inner.text() !== "ssh-ed25519") return undefined;
  const signature = inner.string();
  return outer.isAtEnd && inner.isAtEnd && signature?.length === 64 ? signature : undefined;
}
