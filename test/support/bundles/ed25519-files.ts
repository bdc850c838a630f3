/**
 * Private keys in the files of other programs, with the seed that a test must know.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";

/** PKCS#8 of an Ed25519 private key up to the seed (RFC 8410, section 7). */
const PKCS8_HEADER = Buffer.from("302e020100300506032b657004220420", "hex");

/** Writes a seed as openssl would. */
export function writePkcs8(path: string, seed: Uint8Array): void {
  const body = Buffer.concat([PKCS8_HEADER, seed]).toString("base64");
  writeFileSync(path, `-----BEGIN PRIVATE KEY-----\n${body}\n-----END PRIVATE KEY-----\n`, { mode: 0o600 });
}

/** Has ssh-keygen make a key; encrypted where there is a passphrase. Gives its seed. */
export function makeOpenSshKey(path: string, passphrase = ""): Buffer {
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", path]);
  const seed = seedInOpenSshFile(readFileSync(path, "utf8"));
  if (passphrase !== "") execFileSync("ssh-keygen", ["-q", "-p", "-P", "", "-N", passphrase, "-f", path]);
  return seed;
}

/** The private part ends with the public key, then 64 bytes of seed and public key, then comment and padding. */
export function seedInOpenSshFile(pem: string): Buffer {
  const bytes = Buffer.from(pem.replace(/-----[^\n]+-----|\s/g, ""), "base64");
  const at = bytes.lastIndexOf(Buffer.from([0, 0, 0, 64])) + 4;
  const seed = bytes.subarray(at, at + 32);
  const publicKey = bytes.subarray(at + 32, at + 64);
  if (at < 4 || bytes.indexOf(publicKey) < 0) throw new Error("that is no OpenSSH key file of this test's");
  return Buffer.from(seed);
}
