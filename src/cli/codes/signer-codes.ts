/** The codes of signers that are not key files: an ssh-agent, a program. @module */

import { quote } from "../../core/internal.ts";
import type { OperationCode } from "../../node/index.ts";
import { countOf } from "../text/count-text.ts";
import type { OperationRecord } from "./record.ts";

/** The codes of signers. */
type SignerCode = Extract<OperationCode, `AGENT_${string}` | `SIGNER_COMMAND_${string}` | "SIGNATURE_WRONG">;

/** One record for each code. */
export const SIGNER_RECORDS: Readonly<Record<SignerCode, OperationRecord>> = {
  AGENT_NOT_SET: {
    message: "there is no ssh-agent: SSH_AUTH_SOCK is not set",
    meaning: "SSH_AUTH_SOCK is not set, so there is no ssh-agent to ask.",
    remedy: 'eval "$(ssh-agent)" starts one, and ssh-add adds a key to it.',
  },
  AGENT_UNREACHABLE: {
    message: ({ reason }) =>
      reason === "no-permission"
        ? "no permission to talk to the ssh-agent at SSH_AUTH_SOCK"
        : "no ssh-agent answers at SSH_AUTH_SOCK",
    meaning:
      "Nothing answers at the socket that SSH_AUTH_SOCK names: the ssh-agent has ended, or belongs to another user.",
    remedy: "Start an ssh-agent, or set SSH_AUTH_SOCK to the socket of a running one.",
  },
  AGENT_TIMEOUT: {
    message: ({ seconds = 0 }) => `the ssh-agent did not answer within ${countOf(seconds, "second")}`,
    meaning:
      "The ssh-agent took a question and did not answer in time; it may be waiting for a confirmation.",
    remedy: "Confirm, or allow more time with RUNSEAL_SIGNER_TIMEOUT, in seconds.",
  },
  AGENT_MALFORMED: {
    message: "what answers at SSH_AUTH_SOCK does not speak as an ssh-agent",
    meaning: "The answer from the socket that SSH_AUTH_SOCK names is not one that an ssh-agent gives.",
    remedy: "Check what SSH_AUTH_SOCK names; ssh-add -l asks the same question.",
  },
  AGENT_EMPTY: {
    message: "the ssh-agent shows no keys: it is locked, or holds none",
    meaning: "The ssh-agent shows no keys. A locked one shows none, whatever it holds.",
    remedy: "ssh-add KEYFILE adds a key; ssh-add -X unlocks an agent that was locked.",
  },
  AGENT_NO_ED25519: {
    message: "none of the keys in the ssh-agent is a plain Ed25519 key",
    meaning:
      "The ssh-agent holds keys, but no plain Ed25519 key; other types, certificates and security keys can't seal.",
    remedy: "ssh-keygen -t ed25519 makes such a key, and ssh-add adds it.",
  },
  AGENT_KEY_NOT_FOUND: {
    message: ({ key = "", named }) =>
      `the ssh-agent does not hold the key ${quote(key)}; it has ${named || "none"}`,
    meaning: "The key that was asked for is not in the ssh-agent, or was removed before it signed.",
    remedy: "ssh-add -l lists what is there, ssh-add KEYFILE adds a key.",
  },
  AGENT_KEY_AMBIGUOUS: {
    exit: 2,
    message: ({ named }) => `the ssh-agent holds several keys that may be meant: ${named || "none"}`,
    meaning: "Several keys of the ssh-agent may be meant.",
    remedy: "Say which by its fingerprint, as in --key agent:SHA256:…, which ssh-add -l lists.",
  },
  AGENT_REFUSED: {
    message: "the ssh-agent refused to sign",
    meaning:
      "The ssh-agent holds the key and refused to sign: the user did not confirm, or the key is bound to other uses.",
    remedy: "Confirm when you are asked; ssh-add adds the key anew without conditions.",
  },
  AGENT_MESSAGE_TOO_LARGE: {
    message: "the message is longer than the 256 KiB that an ssh-agent signs",
    meaning:
      "An ssh-agent takes messages of at most 256 KiB. The formats signify, dsse, sigstore and link sign lists that are longer for a run of many files.",
    remedy:
      "Sign with a key file or a signer command, or choose sshsig or minisign, which sign a digest of the list.",
  },
  SIGNER_COMMAND_FAILED: {
    message: ({ reason, status }) => {
      if (reason !== undefined) return "the signer command could not be started";
      return status === undefined
        ? "the signer command was ended by a signal"
        : `the signer command failed with exit code ${status}`;
    },
    meaning:
      "The program of --key exec: did not start, ended with another exit code than 0, or was ended by a signal.",
    remedy: "Run it by hand with a message on its stdin; what it wrote to stderr stands above.",
  },
  SIGNER_COMMAND_SHORT: {
    message: "the signer command printed fewer than the 64 bytes of a signature",
    meaning: "The program of --key exec: ended well, but printed nothing, or not a whole signature.",
    remedy: "Let it print the 64 raw bytes of an Ed25519 signature to stdout.",
  },
  SIGNER_COMMAND_LONG: {
    message: "the signer command printed more than the 64 bytes of a signature",
    meaning: "The program of --key exec: printed more than a signature has; it was ended.",
    remedy: "Let it print 64 raw bytes to stdout: no hex, no base64, no line feed, no messages.",
  },
  SIGNER_COMMAND_TIMEOUT: {
    message: ({ seconds = 0 }) =>
      `the signer command did not end within ${countOf(seconds, "second")}, and was killed`,
    meaning:
      "The program of --key exec:, or something that it started, did not end in time; all of it was killed.",
    remedy: "See what it waits for; RUNSEAL_SIGNER_TIMEOUT, in seconds, allows it more.",
  },
  SIGNATURE_WRONG: {
    message: "the signer's answer is not a signature by its key over the message; it was not used",
    meaning:
      "A signer gave a signature that the core's own rule refuses for its key and this message; it was not used, and nothing was sealed.",
    remedy:
      "Check that it signs with the key that was asked for (--public-key), and the message itself, by plain Ed25519, not a digest of it.",
  },
};
