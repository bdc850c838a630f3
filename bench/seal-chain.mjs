/**
 * Seals a chain through the library, for ten thousand processes would take an hour: COUNT bundles of one to three tiny
 * files each, in ROOT, whose user has a key. Without fsync: this chain need not survive a power cut. Prints the median of the seconds
 * that the last seals took.
 *
 *     node bench/seal-chain.mjs ROOT COUNT
 */
import { createHash } from "node:crypto";
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";

fs.fsyncSync = () => undefined;
syncBuiltinESMExports();
const { openSigner } = await import("../dist/node/keys/open-signer.js");
const { sealOutputs } = await import("../dist/node/make/seal/seal-outputs.js");

const [root, count] = [process.argv[2], Number(process.argv[3])];
const FIRST_SECOND = 1_700_000_000;
const LAST = 99;

const opened = await openSigner({ kind: "key-file", path: undefined }, { environment: process.env });
if (!opened.ok) throw new Error(opened.code);
const signer = opened.value;
const seconds = [];
try {
  for (let index = 0; index < count; index++) {
    const runId = `r${String(index).padStart(5, "0")}`;
    const paths = [writeOutputs(runId, 1 + (index % 3))];
    const start = performance.now();
    const sealed = await sealOutputs({
      paths,
      environment: process.env,
      cwd: root,
      root,
      runId,
      names: "portable",
      signer,
      now: FIRST_SECOND + index,
    });
    if (!sealed.ok) throw new Error(`${runId}: ${sealed.code} ${JSON.stringify(sealed.details)}`);
    seconds.push((performance.now() - start) / 1000);
  }
  const last = seconds.slice(-LAST).sort((left, right) => left - right);
  console.log(last[Math.floor(last.length / 2)]);
} finally {
  signer[Symbol.dispose]();
}

/** Tiny files of a run, in a folder of its own. Gives the folder's path below the root. */
function writeOutputs(runId, files) {
  const folder = `out/${runId}`;
  fs.mkdirSync(join(root, folder), { recursive: true });
  for (let file = 0; file < files; file++) {
    const text = createHash("sha256").update(`${runId} ${file}`).digest("hex");
    fs.writeFileSync(join(root, folder, `f${file}`), `${text}\n`);
  }
  return folder;
}
