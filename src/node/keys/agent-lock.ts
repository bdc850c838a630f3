/**
 * Is an agent that shows no keys empty, or locked? A locked OpenSSH agent shows none and refuses everything
 * else; the protocol has no question for it. So it is asked for something harmless that an unlocked one
 * grants: to bind this connection, which ends right after, to a session that never was
 * (`session-bind@openssh.com`, PROTOCOL.agent of OpenSSH 8.9 and later).
 *
 * @module
 */

import { generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { encodeSshKey, ok, type Result } from "../../core/index.ts";
import type { OperationFault } from "../operation-fault.ts";
import { type AgentAddress, askAgent } from "./agent-connection.ts";
import { sshString } from "./ssh-wire.ts";

const EXTENSION_REQUEST = 27;
const SUCCESS = 6;

/**
 * Whether the agent grants what a locked one refuses. False may also mean an agent that does not know the
 * question. Fails as `askAgent` does.
 */
export async function isSurelyUnlocked(
  agent: AgentAddress,
  signal?: AbortSignal,
): Promise<Result<boolean, OperationFault>> {
  const answer = await askAgent(agent, bindRequest(), signal);
  return answer.ok ? ok(answer.value[0] === SUCCESS) : answer;
}

/** The key is a host's that never was, made and forgotten here: no secret worth the name. */
function bindRequest(): Buffer {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const session = randomBytes(32);
  const raw = publicKey.export({ format: "der", type: "spki" }).subarray(-32);
  return Buffer.concat([
    Buffer.of(EXTENSION_REQUEST),
    sshString("session-bind@openssh.com"),
    sshString(Buffer.from(encodeSshKey(raw), "base64")),
    sshString(session),
    sshString(Buffer.concat([sshString("ssh-ed25519"), sshString(sign(null, session, privateKey))])),
    Buffer.of(0),
  ]);
}
