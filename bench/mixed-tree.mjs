/**
 * A real mixed tree: this project's node_modules and the system's documentation. Regular files only, with names that
 * every system can hold: what not every tool takes would not be the same work for all.
 */
import { copyFileSync, existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const LAWFUL = /^[A-Za-z0-9_@+=,~(){}[\]-][A-Za-z0-9_@+=,~(){}[\] .-]{0,200}$/;

/** Copies up to `limit` files of these sources into `folder`. Gives how many files and bytes there are. */
export function copyMixedTree(folder, sources, limit) {
  const copied = { files: 0, bytes: 0 };
  for (const [name, source] of Object.entries(sources)) {
    if (existsSync(source)) copyBelow(source, join(folder, name), limit, copied);
  }
  return copied;
}

function copyBelow(source, target, limit, copied) {
  const seen = new Set();
  for (const entry of readdirSync(source, { withFileTypes: true })) {
    const folded = entry.name.toLowerCase();
    if (copied.files >= limit || seen.has(folded) || !isLawful(entry.name)) continue;
    seen.add(folded);
    const from = join(source, entry.name);
    const to = join(target, entry.name);
    if (entry.isDirectory()) copyBelow(from, to, limit, copied);
    if (!entry.isFile()) continue;
    mkdirSync(target, { recursive: true });
    copyFileSync(from, to);
    copied.files += 1;
    copied.bytes += statSync(to).size;
  }
}

function isLawful(name) {
  return LAWFUL.test(name) && !/[ .]$/.test(name) && !/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(name);
}
