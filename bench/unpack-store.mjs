/**
 * Turns the packs of a store into single objects, as older versions of runseal kept them: the store that `gc --repack` is measured with.
 *
 *     node bench/unpack-store.mjs .runseal
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const HEADER_BYTES = 16;
const HEAD_BYTES = 56;
const TRAILER_BYTES = 56;

const [store = ".runseal"] = process.argv.slice(2);
const packs = join(store, "packs");

for (const name of readdirSync(packs)) {
  if (name.endsWith(".pack")) unpack(readFileSync(join(packs, name)));
}
rmSync(packs, { recursive: true });

function unpack(pack) {
  for (let at = HEADER_BYTES; at < pack.length - TRAILER_BYTES; ) {
    const end = at + HEAD_BYTES + pack.readUInt32LE(at + 16);
    // runseal writes no compressed records yet.
    if (pack.readUInt32LE(at + 4) !== 0) throw new Error("a compressed record");
    const digest = pack.toString("hex", at + 24, at + HEAD_BYTES);
    const folder = join(store, "objects", digest.slice(0, 2));
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, digest.slice(2)), pack.subarray(at + HEAD_BYTES, end), { mode: 0o444 });
    at = end;
  }
}
