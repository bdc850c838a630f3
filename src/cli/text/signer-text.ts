/** Words about signers that hold no key file: an ssh-agent, a program. @module */

import { quote } from "../../core/internal.ts";
import type { OperationCode, OperationDetails } from "../../node/index.ts";
import { countOf } from "./count-text.ts";

/** The codes of signers. */
export type SignerFaultCode = Extract<
  OperationCode,
  `AGENT_${string}` | `SIGNER_COMMAND_${string}` | "SIGNATURE_WRONG"
>;

/** One sentence for a signer that did not sign. */
export function signerMessage(code: SignerFaultCode, details: OperationDetails): string {
  const { key = "", names = [], seconds = 0, status } = details;
  switch (code) {
    case "AGENT_NOT_SET":
      return "there is no ssh-agent: SSH_AUTH_SOCK is not set";
    case "AGENT_UNREACHABLE":
      return details.reason === "no-permission"
        ? "no permission to talk to the ssh-agent at SSH_AUTH_SOCK"
        : "no ssh-agent answers at SSH_AUTH_SOCK";
    case "AGENT_TIMEOUT":
      return `the ssh-agent did not answer within ${countOf(seconds, "second")}`;
    case "AGENT_MALFORMED":
      return "what answers at SSH_AUTH_SOCK does not speak as an ssh-agent";
    case "AGENT_EMPTY":
      return "the ssh-agent shows no keys: it is locked, or holds none";
    case "AGENT_NO_ED25519":
      return "none of the keys in the ssh-agent is a plain Ed25519 key";
    case "AGENT_KEY_NOT_FOUND":
      return `the ssh-agent does not hold the key ${quote(key)}; it has ${listOf(names)}`;
    case "AGENT_KEY_AMBIGUOUS":
      return `the ssh-agent holds several keys that may be meant: ${listOf(names)}`;
    case "AGENT_REFUSED":
      return "the ssh-agent refused to sign";
    case "SIGNER_COMMAND_FAILED":
      if (details.reason !== undefined) return "the signer command could not be started";
      return status === undefined
        ? "the signer command was ended by a signal"
        : `the signer command failed with exit code ${status}`;
    case "SIGNER_COMMAND_SHORT":
      return "the signer command printed fewer than the 64 bytes of a signature";
    case "SIGNER_COMMAND_LONG":
      return "the signer command printed more than the 64 bytes of a signature";
    case "SIGNER_COMMAND_TIMEOUT":
      return `the signer command did not end within ${countOf(seconds, "second")}, and was killed`;
    case "SIGNATURE_WRONG":
      return "what the signer gave is no signature of its key over what is to be signed; it was not used";
  }
}

function listOf(names: readonly string[]): string {
  return names.length === 0 ? "none" : names.map(quote).join(", ");
}
