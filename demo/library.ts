/**
 * An example of the library: receives a release, verifies it, deploys it, and proves one file of it to a customer.
 * The test compiles this file, runs it with a sealed project, and compares its output.
 */

import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { checkProof, proveBundleFiles, restoreBundle, type Trust, verifyBundle, verifyChain } from "runseal";

const [project = ".", publicKey = "", otherKey = ""] = process.argv.slice(2);
const bundle = (id: string): string => resolve(project, ".runseal/runs", id);

/** The key comes from the program's own configuration, never from the bundle. */
const trust: Trust = { keys: [publicKey] };

const verdict = await verifyBundle({
  bundle: bundle("release-2"),
  root: project,
  trust,
  expectedId: "release-2",
});
if (!verdict.ok) throw new Error(`${verdict.code}: ${verdict.message}`);
console.log(`accepted ${verdict.value.bundle.runId}: ${verdict.value.bundle.outputs.length} files`);

// Typical mistakes give failure values, never a success and never an exception.
const stranger = await verifyBundle({
  bundle: bundle("release-2"),
  root: project,
  trust: { keys: [otherKey] },
});
console.log(stranger.ok ? "FAILED OPEN" : `another key: ${stranger.code}`);
const older = await verifyBundle({
  bundle: bundle("release-1"),
  root: project,
  trust,
  expectedBundleRoot: verdict.value.bundle.bundleRoot,
});
console.log(older.ok ? "FAILED OPEN" : `an older release: ${older.code}`);
const missing = await verifyBundle({ bundle: bundle("release-3"), root: project, trust });
console.log(missing.ok ? "FAILED OPEN" : `no such release: ${missing.code}`);

const chain = await verifyChain({
  bundles: [bundle("release-1"), bundle("release-2")],
  root: project,
  trust,
});
console.log(chain.ok ? `a chain of ${chain.value.chain.bundles.length} releases` : chain.code);

const deployed = await restoreBundle({
  bundle: bundle("release-2"),
  root: project,
  target: resolve(project, "deployed"),
  mkdir: true,
  environment: process.env,
  trust,
});
console.log(deployed.ok ? `deployed ${deployed.paths.length} files` : deployed.code);

const proof = proveBundleFiles({
  bundle: bundle("release-2"),
  root: project,
  paths: ["dist/app.txt"],
  cwd: project,
});
if (!proof.ok) throw new Error(proof.code);
const proofFile = resolve(project, "proof.json");
writeFileSync(proofFile, proof.value.bytes);
const checked = await checkProof({ proof: proofFile, files: ["dist/app.txt"], cwd: project, trust });
console.log(checked.ok ? `proved ${checked.value.files.length} file to a customer` : checked.code);
