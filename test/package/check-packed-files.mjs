// Compares what `npm pack` would publish with packed-files.txt, so that nothing slips in or out unseen.
// After a change on purpose: node test/package/check-packed-files.mjs --write
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const list = fileURLToPath(new URL("./packed-files.txt", import.meta.url));
const root = fileURLToPath(new URL("../..", import.meta.url));
const output = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
  cwd: root,
  encoding: "utf8",
});
const packed = JSON.parse(output);
const { files } = Array.isArray(packed) ? packed[0] : Object.values(packed)[0];
const found = `${files
  .map((file) => file.path)
  .sort()
  .join("\n")}\n`;

if (process.argv.includes("--write")) {
  writeFileSync(list, found);
} else if (readFileSync(list, "utf8") !== found) {
  console.error("the packed files are not those of test/package/packed-files.txt:");
  const expected = new Set(readFileSync(list, "utf8").split("\n"));
  const actual = new Set(found.split("\n"));
  for (const file of actual) if (!expected.has(file)) console.error(`  + ${file}`);
  for (const file of expected) if (!actual.has(file)) console.error(`  - ${file}`);
  process.exit(1);
}
