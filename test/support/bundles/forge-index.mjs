/**
 * Rewrites the stat index of the only guard of $HOME, as a guarded command can: each file of the current folder gets the digest that the
 * index had for it, and the stats of now. The layout is in src/node/back/guard/index/index-format.ts.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, writeFileSync } from "node:fs";

const guards = `${process.env.HOME}/.local/share/runseal/guards`;
const file = `${guards}/${readdirSync(guards)[0]}/index`;
const index = readFileSync(file);
const [count, pathBytes] = [index.readUInt32LE(80), index.readUInt32LE(84)];
const columns = [0, 1, 2, 3, 4].map((column) => 88 + column * count * 8);
const starts = 88 + count * 72;
const modes = starts + (count + 1) * 4;
const paths = modes + count * 4;
let last = 0n;
for (let row = 0; row < count; row++) {
  const [from, to] = [starts + row * 4, starts + row * 4 + 4].map((at) => paths + index.readUInt32LE(at));
  const stats = lstatSync(index.subarray(from, to), { bigint: true });
  const [inodes, births, mtimes, ctimes, sizes] = columns.map((column) => column + row * 8);
  index.writeBigUInt64LE(stats.ino, inodes);
  index.writeBigInt64LE(stats.birthtimeNs, births);
  index.writeBigInt64LE(stats.mtimeNs, mtimes);
  index.writeBigInt64LE(stats.ctimeNs, ctimes);
  index.writeDoubleLE(Number(stats.size), sizes);
  index.writeUInt32LE(Number(stats.mode), modes + row * 4);
  if (stats.ctimeNs > last) last = stats.ctimeNs;
}
index.writeBigInt64LE(last + 1n, 24);
const end = paths + pathBytes;
createHash("sha256").update(index.subarray(0, end)).digest().copy(index, end);
writeFileSync(file, index);
