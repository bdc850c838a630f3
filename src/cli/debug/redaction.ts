/**
 * Removes key material and the values of secret environment variables from log lines. Paths stay: a log is read for them.
 *
 * The last line of defence: passphrases and keys are in secret memory, and no exception holds them.
 *
 * @module
 */

import type { Environment } from "../../node/system/runtime/user-home.ts";

/** Replaces a secret. */
export const CENSORED = "[secret]";

/** Members of a log line whose values are never written, wherever they stand; pino's `redact`. */
export const SECRET_MEMBERS: readonly string[] = [
  "env",
  "environment",
  "passphrase",
  "seed",
  "secretKey",
].flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

/** May be a secret seed or a public key, digest or signature: the two look the same. */
const KEY_HEX = /[0-9a-fA-F]{64,}/g;

const PEM = /-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|(?="))/gs;

/** Variables whose whole purpose is a secret, or that may hold one. */
const SECRET_NAME = /PASS(?:PHRASE|WORD|WD)|SECRET|TOKEN|CREDENTIAL|PRIVATE|API_?KEY/i;

/** These name where a secret is, and hold none. */
const POINTER_NAME = /_(?:FILE|FD)$/i;

/** Shorter values look like ordinary words: replacing them would reveal them. */
const SHORTEST = 4;

/** Makes the function that takes secrets out of a line of JSON. */
export function makeRedactor(environment: Environment): (line: string) => string {
  const values = Object.entries(environment).flatMap(([name, value]) =>
    value !== undefined && value.length >= SHORTEST && isSecret(name) ? [value] : [],
  );
  // As JSON spells them, so that only the inside of strings is touched; the longest first, for one may hold another.
  const spelled = values.map((value) => JSON.stringify(value).slice(1, -1));
  const secrets = [...new Set(spelled)].sort((left, right) => right.length - left.length);
  return (line) => {
    const censored = secrets.reduce((text, secret) => text.replaceAll(secret, CENSORED), line);
    return censored.replace(PEM, CENSORED).replace(KEY_HEX, CENSORED);
  };
}

function isSecret(name: string): boolean {
  return SECRET_NAME.test(name) && !POINTER_NAME.test(name);
}
