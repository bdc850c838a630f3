/** The options that choose the signer: shared by all commands that sign. @module */

import { parseHex, quote, type TrustLine } from "../../core/internal.ts";
import { isAgentKeyName } from "../../node/keys/agent/agent-key.ts";
import type { SignerChoice } from "../../node/keys/open-signer.ts";
import { openTrustFile, placeOfTrustFile } from "../../node/keys/trust/edit-trust-file.ts";
import type { Io } from "../output/io.ts";
import { knownKeys, readKeyArgument } from "./public-key-operand.ts";
import { secondsIn } from "./seconds-in.ts";
import { refuseGiven, UsageError } from "./usage-error.ts";

/** How long to wait for an agent or a program. A person may be asked to confirm. One day at most. */
const SECONDS = { variable: "RUNSEAL_SIGNER_TIMEOUT", usual: 60, most: 86_400 };

/** The options as parsed. */
export interface SignerOptions {
  readonly key?: string | undefined;
  readonly publicKey?: string | undefined;
}

/**
 * Chooses the signer by the form of `--key`: `-` and `fd:N` are a key that is read, `agent:` and `exec:` a signer elsewhere, all else the
 * name of a key or its file. Throws a usage error.
 */
export function chooseSigner(options: SignerOptions, io: Io): SignerChoice {
  const { key, publicKey } = options;
  const command = behind("exec:", key);
  if (command !== undefined) {
    if (command.trim() === "" || publicKey === undefined)
      throw new UsageError(
        "--key exec: needs the command that signs, and --public-key the key that it signs with",
      );
    const seconds = secondsIn(io.environment, SECONDS);
    return { kind: "command", command, publicKey: readPublicKey(publicKey, io), seconds };
  }
  refuseGiven(options, ["--public-key"], "goes with --key exec:COMMAND");
  const agentKey = behind("agent:", key);
  if (agentKey !== undefined) {
    const seconds = secondsIn(io.environment, SECONDS);
    return { kind: "ssh-agent", key: agentKey === "" ? undefined : agentKey, seconds };
  }
  const descriptor = key === "-" ? "0" : behind("fd:", key);
  if (descriptor !== undefined && /^[0-9]{1,9}$/.test(descriptor))
    return { kind: "key-descriptor", fd: Number(descriptor) };
  if (key !== undefined && (descriptor !== undefined || isAgentKeyName(key)))
    throw new UsageError(
      descriptor === undefined
        ? `--key ${quote(key)} is a key of an ssh-agent\n--key agent:${key} takes it; --key ./FILE is a file of such a name`
        : `--key ${quote(key)} is not the number of a descriptor`,
    );
  return { kind: "key-file", path: key };
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
