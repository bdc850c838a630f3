/** A public key as the command line names it; see `readNamedKey`. @module */

import { quote, type TrustLine } from "../../core/internal.ts";
import { listKeys } from "../../node/keys/key-store.ts";
import { type NamedKeyFault, readNamedKey } from "../../node/keys/named-key.ts";
import { operationReport } from "../output/failure-report.ts";
import type { Io } from "../output/io.ts";
import type { Report } from "../output/report.ts";
import { UsageError } from "./usage-error.ts";

/** The forms that a key may have. */
const FORMS = "64 lowercase hex, 'runseal-ed25519 HEX', 'ssh-ed25519 AAAA…', or a .pub or .pem file";

/** A key file has this ending by custom. It is not opened to find out. */
const PRIVATE = "a .key file is the private half, which stays with its owner: name the .pub file beside it";

/** The keys that a digest may name: the user's own, and those of a trust file. */
export function knownKeys(io: Io, lines: readonly TrustLine[]): readonly string[] {
  const own = listKeys(io.environment);
  return [...(own.ok ? own.value : []), ...lines].map(({ publicKeyHex }) => publicKeyHex);
}

/**
 * Reads a key, or gives the report of why its file can't be read. `what` stands before the text in the error. Throws a
 * usage error for what is not a key.
 */
export function readKeyArgument(
  text: string,
  known: readonly string[],
  what = "",
): { readonly publicKeyHex: string } | { readonly report: Report } {
  const key = readNamedKey(text, known);
  if (key.ok) return { publicKeyHex: key.value };
  if ("details" in key) return { report: operationReport(key) };
  throw new UsageError(`${what}${BREACHES[key.code](quote(text))}`);
}

/** The file is not searched further: it may hold a private key. */
const NO_PUBLIC_PEM =
  "a .pem file must hold an Ed25519 public key alone: openssl pkey -in FILE -pubout takes it from a private key";

/** What is a key, by the ending of what was given. */
function formsFor(shown: string): string {
  if (shown.endsWith('.key"')) return PRIVATE;
  return shown.endsWith('.pem"') ? NO_PUBLIC_PEM : FORMS;
}

const BREACHES: Readonly<
  Record<Exclude<NamedKeyFault, { readonly details: unknown }>["code"], (shown: string) => string>
> = {
  "not-a-key": (shown) => `${shown} is not a public key\n${formsFor(shown)}`,
  "unknown-digest": (shown) =>
    `no key of yours or of the trust file has the digest ${shown}\nthe key can't be computed from a digest: ask the signer for the key, as in a .pub file`,
  "validator-id": (shown) =>
    `${shown} is the validator id of a key, and not the key\nid: before it names the key`,
};
