/** The codes of signers explained: [what it means, what to do]. @module */

import type { SignerFaultCode } from "../text/signer-text.ts";

/** One entry for each code. */
export const SIGNER_EXPLANATIONS: Readonly<Record<SignerFaultCode, readonly [string, string]>> = {
  AGENT_NOT_SET: [
    "SSH_AUTH_SOCK is not set, so there is no ssh-agent to ask.",
    'eval "$(ssh-agent)" starts one, and ssh-add adds a key to it.',
  ],
  AGENT_UNREACHABLE: [
    "Nobody answers at the socket that SSH_AUTH_SOCK names: the ssh-agent has ended, or is somebody else's.",
    "Start an ssh-agent, or set SSH_AUTH_SOCK to the socket of a running one.",
  ],
  AGENT_TIMEOUT: [
    "The ssh-agent took a question and did not answer in time; it may be waiting for somebody to confirm.",
    "Confirm, or allow more time with --signer-timeout SECONDS.",
  ],
  AGENT_MALFORMED: [
    "The answer from the socket that SSH_AUTH_SOCK names is none that an ssh-agent gives.",
    "Check what SSH_AUTH_SOCK names; ssh-add -l asks the same question.",
  ],
  AGENT_EMPTY: [
    "The ssh-agent shows no keys. A locked one shows none, whatever it holds.",
    "ssh-add KEYFILE adds a key; ssh-add -X unlocks an agent that was locked.",
  ],
  AGENT_NO_ED25519: [
    "The ssh-agent holds keys, but no plain Ed25519 key; other types, certificates and security keys can't seal.",
    "ssh-keygen -t ed25519 makes such a key, and ssh-add adds it.",
  ],
  AGENT_KEY_NOT_FOUND: [
    "The key that was asked for is not in the ssh-agent, or was removed before it signed.",
    "ssh-add -l lists what is there, ssh-add KEYFILE adds a key.",
  ],
  AGENT_KEY_AMBIGUOUS: [
    "Several keys of the ssh-agent may be meant.",
    "Say which by its fingerprint, as in --ssh-agent --key SHA256:…, which ssh-add -l lists.",
  ],
  AGENT_REFUSED: [
    "The ssh-agent holds the key and refused to sign: somebody said no when asked to confirm, or the key is bound to other uses.",
    "Confirm when you are asked; ssh-add adds the key anew without conditions.",
  ],
  SIGNER_COMMAND_FAILED: [
    "The program of --signer-command did not start, ended with another exit code than 0, or was ended by a signal.",
    "Run it by hand with a message on its stdin; what it wrote to stderr stands above.",
  ],
  SIGNER_COMMAND_SHORT: [
    "The program of --signer-command ended well, but printed nothing, or not a whole signature.",
    "Let it print the 64 raw bytes of an Ed25519 signature to stdout.",
  ],
  SIGNER_COMMAND_LONG: [
    "The program of --signer-command printed more than a signature has; it was ended.",
    "Let it print 64 raw bytes to stdout: no hex, no base64, no line feed, no messages.",
  ],
  SIGNER_COMMAND_TIMEOUT: [
    "The program of --signer-command, or something that it started, did not end in time; all of it was killed.",
    "See what it waits for; --signer-timeout SECONDS allows it more.",
  ],
  SIGNATURE_WRONG: [
    "A signer gave a signature that the core's own rule refuses for its key and this message; it was not used, and nothing was sealed.",
    "Check that it signs with the key that was asked for (--signer-key), and the message itself, by plain Ed25519, not a digest of it.",
  ],
};
