/** A program for --key exec: signing-program.mjs KEYFILE [wrong]. Message on stdin, 64 raw bytes on stdout. */

import { createPrivateKey, sign } from "node:crypto";
import { readFileSync } from "node:fs";

const [file, wrong] = process.argv.slice(2);
const seed = readFileSync(file, "latin1").trim();
const key = createPrivateKey({
  key: Buffer.from(`302e020100300506032b657004220420${seed}`, "hex"),
  format: "der",
  type: "pkcs8",
});
const message = readFileSync(0);
process.stdout.write(sign(null, wrong === undefined ? message : Buffer.from("another message"), key));
