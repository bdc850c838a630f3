/**
 * Who is to sign, as the command line says it: shared by all commands that sign.
 *
 * @module
 */

import { parseHex, parseKeyText, quote } from "../core/index.ts";
import { isAgentKeyName, nodeCrypto, type SignerChoice } from "../node/index.ts";
import { UsageError } from "./usage-error.ts";

/** How long to wait for an agent or a program, where nothing else was said. A person may be asked to confirm. */
const DEFAULT_SECONDS = 60;

/** A day: what takes longer has been forgotten. */
const MAX_SECONDS = 86_400;

/** The options as parsed. */
export interface SignerOptions {
  readonly key?: string | undefined;
  readonly sshAgent?: true | undefined;
  readonly signerCommand?: string | undefined;
  readonly signerKey?: string | undefined;
  readonly signerTimeout?: string | undefined;
}

/** What the options mean. Throws usage errors: each pair that can't go together has a sentence of its own. */
export function chooseSigner(options: SignerOptions): SignerChoice {
  const { key, sshAgent, signerCommand, signerKey } = options;
  if (signerCommand !== undefined) {
    if (sshAgent === true)
      throw new UsageError("--ssh-agent and --signer-command both say who signs; give one");
    if (key !== undefined) {
      throw new UsageError(
        "--key can't be used with --signer-command\n--signer-key says which public key the program signs with",
      );
    }
    return { kind: "command", ...commandOf(signerCommand, signerKey), seconds: secondsOf(options) };
  }
  if (signerKey !== undefined) {
    throw new UsageError(
      "--signer-key belongs to --signer-command\n--key chooses a key file, or with --ssh-agent one of its keys",
    );
  }
  if (sshAgent === true) return { kind: "ssh-agent", key, seconds: secondsOf(options) };
  if (options.signerTimeout !== undefined) {
    throw new UsageError(
      "--signer-timeout belongs to --signer-command or --ssh-agent; a key file never waits",
    );
  }
  if (key !== undefined && isAgentKeyName(key)) {
    throw new UsageError(
      `--key ${quote(key)} is a key of an ssh-agent, and --ssh-agent was not given\n--key ./FILE is a file of such a name`,
    );
  }
  return { kind: "key-file", path: key };
}

function commandOf(command: string, key: string | undefined): { command: string; publicKey: Uint8Array } {
  if (command.trim() === "") throw new UsageError("--signer-command is empty");
  if (key === undefined) {
    throw new UsageError("--signer-command needs --signer-key: the public key that the program signs with");
  }
  const publicKey = parseHex(parseKeyText(key, nodeCrypto) ?? "", 32);
  if (publicKey === undefined) {
    throw new UsageError(
      `--signer-key ${quote(key)} is no public key\n64 lowercase hex, 'runseal-ed25519 HEX', or 'ssh-ed25519 AAAA…' as one argument`,
    );
  }
  return { command, publicKey };
}

function secondsOf({ signerTimeout }: SignerOptions): number {
  if (signerTimeout === undefined) return DEFAULT_SECONDS;
  const seconds = /^[1-9][0-9]{0,4}$/.test(signerTimeout) ? Number(signerTimeout) : 0;
  if (seconds >= 1 && seconds <= MAX_SECONDS) return seconds;
  throw new UsageError(
    `--signer-timeout ${quote(signerTimeout)} is not a whole number of seconds from 1 to ${MAX_SECONDS}`,
  );
}
