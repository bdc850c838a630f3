/**
 * Seals runs and pushes them to an OCI layout, in a process of its own: node make-runs.mjs PROJECT LAYOUT FIRST END FILES BYTES
 * The contents are the same on every machine.
 */
import { createCipheriv } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { push, seal } from "runseal";

const FILES_IN_FOLDER = 1000;
const [project, layout, ...numbers] = process.argv.slice(2);
const [first, end, files, bytes] = numbers.map(Number);
const random = createCipheriv("aes-128-ctr", Buffer.alloc(16, first), Buffer.alloc(16));
const zeros = Buffer.alloc(bytes);
const bundles = [];
for (let run = first; run < end; run++) {
  const id = `run-${run}`;
  for (let file = 0; file < files; file++) {
    const folder = join(project, id, String(Math.floor(file / FILES_IN_FOLDER)));
    if (file % FILES_IN_FOLDER === 0) mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${file}.bin`), random.update(zeros));
  }
  succeeded(await seal({ project, paths: [join(project, id)], id }));
  bundles.push(id);
}
succeeded(await push({ project, bundles, to: `oci-layout:${layout}` }));

function succeeded(result) {
  if (!result.ok) throw new Error(`${result.code}: ${result.message}`);
}
