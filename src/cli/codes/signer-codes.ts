/** The codes of signers that are not key files: an ssh-agent, a program. @module */

import { countOf } from "../../core/system/bytes/count-text.ts";
import type { OperationRecords } from "./code-record.ts";

/** One record for each code. */
export const SIGNER_RECORDS: OperationRecords<"AGENT_UNREACHABLE" | "SIGNER_FAILED"> = {
  AGENT_UNREACHABLE: {
    meaning: "No ssh-agent answers at the socket that SSH_AUTH_SOCK names.",
    remedy: "Start an ssh-agent, or set SSH_AUTH_SOCK to the socket of a running one.",
    reasons: {
      "not-set": {
        message: "there is no ssh-agent: SSH_AUTH_SOCK is not set",
        remedy: 'eval "$(ssh-agent)" starts one, and ssh-add adds a key to it.',
      },
      "no-answer": "no ssh-agent answers at SSH_AUTH_SOCK",
      "no-permission": "no permission to talk to the ssh-agent at SSH_AUTH_SOCK",
      timeout: {
        message: ({ seconds }) => `the ssh-agent did not answer within ${countOf(seconds, "second")}`,
        meaning: "It may be waiting for a confirmation.",
        remedy: "Confirm, or allow more time with RUNSEAL_SIGNER_TIMEOUT, in seconds.",
      },
      malformed: {
        message: "what answers at SSH_AUTH_SOCK does not speak as an ssh-agent",
        remedy: "Check what SSH_AUTH_SOCK names; ssh-add -l asks the same question.",
      },
    },
  },
  SIGNER_FAILED: {
    meaning: "An ssh-agent, or the program of --key exec:, gave no signature; nothing was sealed.",
    remedy: "Run the program by hand with a message on its stdin; what it wrote to stderr stands above.",
    reasons: {
      "agent-refused": {
        message: "the ssh-agent refused to sign",
        meaning: "The user did not confirm, or the key is bound to other uses.",
        remedy: "Confirm when you are asked; ssh-add adds the key anew without conditions.",
      },
      "agent-too-large": {
        message: "the message is longer than the 256 KiB that an ssh-agent signs",
        meaning: "The formats signify, dsse, sigstore and link sign a whole list of files.",
        remedy:
          "Sign with a key file or a signer command, or choose sshsig or minisign, which sign a digest of the list.",
      },
      command: {
        message: ({ status }) =>
          status === undefined
            ? "the signer command was ended by a signal"
            : `the signer command failed with exit code ${status}`,
        meaning: "The signer command failed.",
      },
      "command-not-started": "the signer command could not be started",
      "command-short": {
        message: "the signer command printed fewer than the 64 bytes of a signature",
        remedy: "Let it print the 64 raw bytes of an Ed25519 signature to stdout.",
      },
      "command-long": {
        message: "the signer command printed more than the 64 bytes of a signature",
        remedy: "Let it print 64 raw bytes to stdout: no hex, no base64, no line feed, no messages.",
      },
      "command-timeout": {
        message: ({ seconds }) =>
          `the signer command did not end within ${countOf(seconds, "second")}, and was killed`,
        meaning: "It, or something that it started, did not end in time; all of it was killed.",
        remedy: "See what it waits for; RUNSEAL_SIGNER_TIMEOUT, in seconds, allows it more.",
      },
      "signature-wrong": {
        message: "the signer's answer is not a signature by its key over the message; it was not used",
        remedy:
          "Let it sign the message itself, not a digest, by plain Ed25519 with the key of --public-key.",
      },
    },
  },
};
