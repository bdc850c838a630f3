/**
 * The files of a user as scenarios lay them out and as they must be in the end.
 *
 * @module
 */

import { createPrivateKey, createPublicKey } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { testSigner } from "../support/bundles/bundle.ts";
import type { WriteCell } from "./write-cell.ts";

/** What PKCS #8 has before an Ed25519 seed. */
const PKCS8 = Buffer.from("302e020100300506032b657004220420", "hex");

/** Gives the user a plain key of a known seed, as `init` leaves it. */
export function placeKey(cell: WriteCell, name: string, seed: string): void {
  const keys = join(cell.config, "keys");
  const line = `${name} runseal-ed25519 ${testSigner(seed).publicKeyHex}\n`;
  mkdirSync(join(cell.at("home"), ".config"), { recursive: true });
  mkdirSync(keys, { recursive: true, mode: 0o700 });
  writeFileSync(join(keys, `${name}.key`), `${seed}\n`, { mode: 0o600 });
  writeFileSync(join(keys, `${name}.pub`), line);
  writeFileSync(join(cell.config, "trust"), line, { flag: "a" });
}

/** The public half of a seed in hex. */
export function publicKeyOf(seed: string): string {
  const key = createPrivateKey({
    key: Buffer.concat([PKCS8, Buffer.from(seed, "hex")]),
    format: "der",
    type: "pkcs8",
  });
  return createPublicKey(key).export({ format: "der", type: "spki" }).subarray(-32).toString("hex");
}

/** All regular files and links below a folder, by their relative paths. A killed lock holder's socket has no bytes. */
export function filesBelow(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory() && !entry.isSocket())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

/** A file's text, or undefined where there is no regular file. */
export function textOf(address: string): string | undefined {
  const isFile = statSync(address, { throwIfNoEntry: false })?.isFile() === true;
  return isFile ? readFileSync(address, "latin1") : undefined;
}
