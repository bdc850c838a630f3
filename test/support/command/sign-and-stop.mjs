/**
 * Signs and stands still while a test scans its memory: sign-and-stop.mjs DIST WAY [ARGUMENTS…].
 * The secret is never among the arguments or in the environment; it is where a user has it.
 */

import { createPrivateKey, sign } from "node:crypto";
import { readFileSync, writeSync } from "node:fs";

const [dist, way, ...args] = process.argv.slice(2);
const MESSAGE = Buffer.from("a message of no account");

/** What is still referred to at the end is not collected. */
let kept;

const WAYS = {
  /** The whole program: stands still when it would end. */
  async command() {
    const { run } = await import(`${dist}/cli-modules/run-command-line.js`);
    const { processIo } = await import(`${dist}/cli-modules/output/process-io.js`);
    return await run(args, processIo(process).io);
  },
  /** A key file's signer, opened, used and closed. */
  async signer() {
    const signer = await openSigner();
    await signer.sign(MESSAGE);
    signer[Symbol.dispose]();
    return 0;
  },
  /** The same with a signing that throws. */
  async throws() {
    const signer = await openSigner();
    try {
      await signer.sign("no bytes");
      return 1;
    } catch {
      return 0;
    } finally {
      signer[Symbol.dispose]();
    }
  },
  /** The same before it is closed. */
  async open() {
    kept = await openSigner();
    await kept.sign(MESSAGE);
    return 0;
  },
  /** How not to do it: the control that a scanner must find. */
  async control() {
    const seed = Buffer.from(readFileSync(args[0], "utf8").trim(), "hex");
    const der = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed]);
    kept = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
    der.fill(0);
    seed.fill(0);
    sign(null, MESSAGE, kept);
    return 0;
  },
};

async function openSigner() {
  const { openKeyFile } = await import(`${dist}/node/keys/key-file.js`);
  const opened = await openKeyFile(args[0]);
  if (!opened.ok) throw new Error(opened.code);
  return opened.value;
}

const exitCode = await WAYS[way]();
writeSync(3, `${exitCode} ${process.pid}\n`);
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
process.exit(kept === undefined ? 0 : 1);
