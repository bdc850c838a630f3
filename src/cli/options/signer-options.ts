/** The options that choose the signer: shared by all commands that sign. @module */

import { parseHex, quote, type TrustLine } from "../../core/internal.ts";
import { isAgentKeyName, openTrustFile, placeOfTrustFile, type SignerChoice } from "../../node/index.ts";
import type { Io } from "../output/io.ts";
import { knownKeys, readKeyArgument } from "./named-key.ts";
import { givenFlag, UsageError } from "./usage-error.ts";

/** Seconds to wait for an agent or a program, where the environment names no others. A person may be asked to confirm. */
const DEFAULT_SECONDS = 60;

/** One day. */
const MAX_SECONDS = 86_400;

const SECONDS_VARIABLE = "RUNSEAL_SIGNER_TIMEOUT";

/** The options as parsed. */
export interface SignerOptions {
  readonly key?: string | undefined;
  readonly publicKey?: string | undefined;
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
export const SIGNER_FLAGS = ["--key", "--public-key"] as const;

/**
 * Chooses the signer by the form of `--key`: `-` and `fd:N` are a key that is read, `agent:` and `exec:` a signer elsewhere, all else the
 * name of a key or its file. Throws a usage error.
 */
export function chooseSigner({ key, publicKey }: SignerOptions, io: Io): SignerChoice {
  const command = behind("exec:", key);
  if (command !== undefined) {
    if (command.trim() === "") throw new UsageError("--key exec: needs the command that signs");
    if (publicKey === undefined)
      throw new UsageError("--key exec: needs --public-key, the public key that the program signs with");
    return { kind: "command", command, publicKey: readPublicKey(publicKey, io), seconds: secondsIn(io) };
  }
  if (publicKey !== undefined) throw new UsageError("--public-key belongs to --key exec:COMMAND");
  const agentKey = behind("agent:", key);
  if (agentKey !== undefined)
    return { kind: "ssh-agent", key: agentKey === "" ? undefined : agentKey, seconds: secondsIn(io) };
  const descriptor = behind("fd:", key);
  if (descriptor !== undefined) {
    if (/^[0-9]{1,9}$/.test(descriptor)) return { kind: "key-descriptor", fd: Number(descriptor) };
    throw new UsageError(`--key ${quote(`fd:${descriptor}`)} is not the number of a descriptor`);
  }
  if (key !== undefined && isAgentKeyName(key)) {
    throw new UsageError(
      `--key ${quote(key)} is a key of an ssh-agent\n--key agent:${key} takes it; --key ./FILE is a file of such a name`,
    );
  }
  return key === "-" ? { kind: "key-descriptor", fd: 0 } : { kind: "key-file", path: key };
}

/** What stands behind a prefix; `undefined` without it. */
function behind(prefix: string, text: string | undefined): string | undefined {
  return text?.startsWith(prefix) === true ? text.slice(prefix.length) : undefined;
}

function readPublicKey(text: string, io: Io): Uint8Array {
  const named = readKeyArgument(text, knownKeys(io, ownLines(io)), "--public-key ");
  const publicKey = "report" in named ? undefined : parseHex(named.publicKeyHex, 32);
  if (publicKey === undefined) throw new UsageError(`--public-key ${quote(text)} can't be read`);
  return publicKey;
}

/** The lines of the user's own trust file; none if it can't be read. */
function ownLines(io: Io): readonly TrustLine[] {
  const opened = openTrustFile(placeOfTrustFile(undefined, io.environment));
  return opened.ok ? opened.value.lines : [];
}

function secondsIn({ environment }: Io): number {
  const text = environment[SECONDS_VARIABLE];
  if (text === undefined) return DEFAULT_SECONDS;
  const seconds = /^[1-9][0-9]{0,4}$/.test(text) ? Number(text) : 0;
  if (seconds >= 1 && seconds <= MAX_SECONDS) return seconds;
  throw new UsageError(
    `${SECONDS_VARIABLE} ${quote(text)} is not a whole number of seconds from 1 to ${MAX_SECONDS}`,
  );
}
