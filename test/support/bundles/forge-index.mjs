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
let last = 0;
for (let row = 0; row < count; row++) {
  const [from, to] = [starts + row * 4, starts + row * 4 + 4].map((at) => paths + index.readUInt32LE(at));
  const stats = lstatSync(index.subarray(from, to));
  const [inodes, births, mtimes, ctimes, sizes] = columns.map((column) => column + row * 8);
  index.writeDoubleLE(stats.ino, inodes);
  index.writeDoubleLE(stats.birthtimeMs, births);
  index.writeDoubleLE(stats.mtimeMs, mtimes);
  index.writeDoubleLE(stats.ctimeMs, ctimes);
  index.writeDoubleLE(stats.size, sizes);
  index.writeUInt32LE(stats.mode, modes + row * 4);
  if (stats.ctimeMs > last) last = stats.ctimeMs;
}
index.writeDoubleLE(last + 1, 24);
const end = paths + pathBytes;
createHash("sha256").update(index.subarray(0, end)).digest().copy(index, end);
writeFileSync(file, index);
