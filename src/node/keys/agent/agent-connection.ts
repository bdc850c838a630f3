/**
 * One question to an ssh-agent and its answer, over a connection of its own: nothing is held while the outputs
 * are hashed, and an agent that was started anew meanwhile is as good as the old one.
 *
 * Messages are as draft-ietf-sshm-ssh-agent has them: a uint32 with the length, then a byte with the type.
 *
 * @module
 */

import { createConnection } from "node:net";
import { ok, type Result, sshString } from "../../../core/internal.ts";
import { Interruption, throwIfInterrupted } from "../../system/runtime/interruption.ts";
import { machineReason } from "../../system/runtime/machine-reason.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";

/** Bytes of one answer. OpenSSH's own agent sends and takes no more. */
const MAX_ANSWER_BYTES = 256 * 1024;

/** Bytes of the length before an answer. */
const LENGTH_BYTES = 4;

/** Where an agent listens, and how long to wait for one answer of it. */
export interface AgentAddress {
  /** The path of its socket, as SSH_AUTH_SOCK has it. */
  readonly socket: string;
  readonly seconds: number;
}

/**
 * Asks the agent and gives its answer, from the type on; at least one byte. Fails with AGENT_UNREACHABLE,
 * `malformed` for one that is too long, cut off, or followed by something that was not asked for.
 * Throws an Interruption once the signal has fired.
 */
export function askAgent(
  agent: AgentAddress,
  question: Uint8Array,
  signal?: AbortSignal,
): Promise<Result<Buffer, OperationFault>> {
  throwIfInterrupted(signal);
  return new Promise((resolve, reject) => {
    const socket = createConnection(agent.socket);
    // A byte more than the longest answer, so that what follows one is noticed.
    const received = Buffer.alloc(LENGTH_BYTES + MAX_ANSWER_BYTES + 1);
    let size = 0;
    const close = (): void => {
      clearTimeout(deadline);
      signal?.removeEventListener("abort", interrupt);
      socket.destroy();
    };
    const end = (answer: Result<Buffer, OperationFault>): void => {
      close();
      resolve(answer);
    };
    const interrupt = (): void => {
      close();
      reject(new Interruption("interrupted"));
    };
    // For the whole answer: one that comes byte by byte must not hold us for ever.
    const deadline = setTimeout(() => {
      end(operationFault("AGENT_UNREACHABLE", { reason: "timeout", seconds: agent.seconds }));
    }, agent.seconds * 1000);
    signal?.addEventListener("abort", interrupt);
    socket.on("connect", () => socket.write(sshString(question)));
    socket.on("data", (chunk: Buffer) => {
      size += chunk.copy(received, size);
      const answer = parseAnswer(received.subarray(0, size));
      if (answer !== undefined) end(answer);
    });
    socket.on("end", () => end(operationFault("AGENT_UNREACHABLE", { reason: "malformed" })));
    socket.on("error", (error) => {
      const reason = machineReason(error);
      if (reason === undefined) return reject(error);
      end(operationFault("AGENT_UNREACHABLE", { reason: reason === "no-permission" ? reason : "no-answer" }));
    });
  });
}

/** The answer, once it is whole or can't become right any more. */
function parseAnswer(received: Buffer): Result<Buffer, OperationFault> | undefined {
  if (received.length < LENGTH_BYTES) return undefined;
  const length = received.readUInt32BE();
  const surplus = received.length - LENGTH_BYTES - length;
  if (length === 0 || length > MAX_ANSWER_BYTES || surplus > 0)
    return operationFault("AGENT_UNREACHABLE", { reason: "malformed" });
  return surplus < 0 ? undefined : ok(received.subarray(LENGTH_BYTES));
}
