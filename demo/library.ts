/**
 * An example of the library: receives a release, verifies it, deploys it, and proves one file of it to a customer.
 * The test compiles this file, runs it with a sealed project, and compares its output.
 */

import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { check, prove, restore, type TrustSpec, verify, verifyHistory } from "runseal";

const [project = ".", publicKey = "", otherKey = ""] = process.argv.slice(2);

/** The key comes from the program's own configuration, never from the bundle. */
const trust: TrustSpec = { keys: [publicKey] };

const verdict = await verify({ bundle: "release-2", project, trust, expectedId: "release-2" });
if (!verdict.ok) throw new Error(`${verdict.code}: ${verdict.message}`);
console.log(`accepted ${verdict.value.bundle.runId}: ${verdict.value.bundle.outputs.length} files`);

// Typical mistakes give failure values, never a success and never an exception.
const stranger = await verify({ bundle: "release-2", project, trust: { keys: [otherKey] } });
console.log(stranger.ok ? "FAILED OPEN" : `another key: ${stranger.code}`);
const expectedBundleRoot = verdict.value.bundle.bundleRoot;
const older = await verify({ bundle: "release-1", project, trust, expectedBundleRoot });
console.log(older.ok ? "FAILED OPEN" : `an older release: ${older.code}`);
const missing = await verify({ bundle: "release-3", project, trust });
console.log(missing.ok ? "FAILED OPEN" : `no such release: ${missing.code}`);

const chain = await verifyHistory({ bundles: ["release-1", "release-2"], project, trust });
console.log(chain.ok ? `a chain of ${chain.value.chain.bundles.length} releases` : chain.code);

const to = resolve(project, "deployed");
const deployed = await restore({ bundle: "release-2", project, to, mkdir: true, trust });
console.log(deployed.ok ? `deployed ${deployed.value.paths.length} files` : deployed.code);

const proof = await prove({ bundle: "release-2", project, paths: ["dist/app.txt"] });
if (!proof.ok) throw new Error(proof.code);
const proofFile = resolve(project, "proof.json");
writeFileSync(proofFile, proof.value.bytes);
const checked = await check({ proof: proofFile, paths: [resolve(project, "dist/app.txt")], trust });
console.log(checked.ok ? `proved ${checked.value.files.length} file to a customer` : checked.code);
