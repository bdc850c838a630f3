// Takes the lock of a folder as a restore does, says "held", and waits to be killed.
// Usage: node hold-lock.mjs FOLDER

import { RootLock } from "../../../dist/node/back/transaction/journal/root-lock.js";
import { Staging, stagingName } from "../../../dist/node/back/transaction/journal/staging.js";
import { AnchoredDir } from "../../../dist/node/system/files/anchored-dir.js";
import { nodeFileSystem } from "../../../dist/node/system/files/file-system.js";

const [folder] = process.argv.slice(2);
const root = AnchoredDir.open(folder);
const staging = new Staging(root, stagingName("staging"), nodeFileSystem);
staging.make();
const owner = await staging.announce();
const held = owner !== undefined && (await new RootLock(root).acquire(staging));
console.log(held ? "held" : "refused");
process.stdin.resume();
process.stdin.on("end", () => process.exit(1));
