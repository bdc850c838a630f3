/** The options that choose the signer: shared by all commands that sign. @module */

import { parseHex, quote, type TrustLine } from "../../core/internal.ts";
import { isAgentKeyName, openTrustFile, placeOfTrustFile, type SignerChoice } from "../../node/index.ts";
import type { Io } from "../output/io.ts";
import { knownKeys, readKeyArgument } from "./named-key.ts";
import { givenFlag, UsageError } from "./usage-error.ts";

/** The default time to wait for an agent or a program. A person may be asked to confirm. */
const DEFAULT_SECONDS = 60;

/** One day. */
const MAX_SECONDS = 86_400;

/** The options as parsed. */
export interface SignerOptions {
  readonly key?: string | undefined;
  readonly keyFd?: string | undefined;
  readonly sshAgent?: true | undefined;
  readonly signerCommand?: string | undefined;
  readonly signerKey?: string | undefined;
  readonly signerTimeout?: string | undefined;
}

/** Throws a usage error where a bundle is to be left unsigned, and an option says who signs. */
export function refuseSigner(options: SignerOptions): void {
  const flag = givenFlag(options, SIGNER_FLAGS);
  if (flag !== undefined) throw new UsageError(`--unsigned opens no key; ${flag} belongs to runseal sign`);
}

/** Throws a usage error where nothing is to be signed without another option, and an option says who signs. */
export function refuseUnusedSigner(options: SignerOptions, other: string): void {
  const flag = givenFlag(options, SIGNER_FLAGS);
  if (flag !== undefined)
    throw new UsageError(`${flag} says who signs, and nothing is signed without ${other}`);
}

/** The options that say who signs. */
export const SIGNER_FLAGS = [
  "--key",
  "--key-fd",
  "--ssh-agent",
  "--signer-command",
  "--signer-key",
  "--signer-timeout",
] as const;

/** Chooses the signer. Throws a usage error for options that exclude each other, with its own sentence for each pair. */
export function chooseSigner(options: SignerOptions, io: Io): SignerChoice {
  const { key, keyFd, sshAgent, signerCommand, signerKey } = options;
  if (keyFd !== undefined) return descriptorOf(keyFd, options);
  if (signerCommand !== undefined) {
    if (sshAgent === true)
      throw new UsageError("--ssh-agent and --signer-command both say who signs; give one");
    if (key !== undefined) {
      throw new UsageError(
        "--key can't be used with --signer-command\n--signer-key says which public key the program signs with",
      );
    }
    return { kind: "command", ...commandOf(signerCommand, signerKey, io), seconds: secondsOf(options) };
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
  if (key === "-") return { kind: "key-descriptor", fd: 0 };
  return { kind: "key-file", path: key };
}

function descriptorOf(text: string, options: SignerOptions): SignerChoice {
  const { key, sshAgent, signerCommand, signerKey } = options;
  if (key !== undefined || sshAgent === true || signerCommand !== undefined || signerKey !== undefined) {
    throw new UsageError(
      "--key-fd gives the key itself; it can't be used with another option for the signer",
    );
  }
  if (/^[0-9]{1,9}$/.test(text)) return { kind: "key-descriptor", fd: Number(text) };
  throw new UsageError(`--key-fd ${quote(text)} is not the number of a descriptor`);
}

function commandOf(
  command: string,
  key: string | undefined,
  io: Io,
): { command: string; publicKey: Uint8Array } {
  if (command.trim() === "") throw new UsageError("--signer-command is empty");
  if (key === undefined) {
    throw new UsageError("--signer-command needs --signer-key: the public key that the program signs with");
  }
  const named = readKeyArgument(key, knownKeys(io, ownLines(io)), "--signer-key ");
  const publicKey = "report" in named ? undefined : parseHex(named.publicKeyHex, 32);
  if (publicKey === undefined) throw new UsageError(`--signer-key ${quote(key)} can't be read`);
  return { command, publicKey };
}

/** The lines of the user's own trust file; none if it can't be read. */
function ownLines(io: Io): readonly TrustLine[] {
  const opened = openTrustFile(placeOfTrustFile(undefined, io.environment));
  return opened.ok ? opened.value.lines : [];
}

function secondsOf({ signerTimeout }: SignerOptions): number {
  if (signerTimeout === undefined) return DEFAULT_SECONDS;
  const seconds = /^[1-9][0-9]{0,4}$/.test(signerTimeout) ? Number(signerTimeout) : 0;
  if (seconds >= 1 && seconds <= MAX_SECONDS) return seconds;
  throw new UsageError(
    `--signer-timeout ${quote(signerTimeout)} is not a whole number of seconds from 1 to ${MAX_SECONDS}`,
  );
}
