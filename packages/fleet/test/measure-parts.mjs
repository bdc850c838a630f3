// Measures parents of 1, 10, 100 and 1,000 parts of ten files each, in a project: the table "Parts" of docs/fleet.md.
//
//     npm run build && node packages/fleet/test/measure-parts.mjs [PARTS…]
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { seal } from "runseal";

const MAIN = fileURLToPath(new URL("../../../dist/cli/main.js", import.meta.url));
const FILES = 10;

/** Runs a command in a project, and gives the milliseconds that it and its threads computed: other work on the machine changes them little. */
function timed(project, ...args) {
  const script = `TIMEFORMAT='%U %S'; time "$@" >/dev/null 2>error.txt`;
  const words = ["-c", script, "bash", process.execPath, MAIN, ...args];
  const { status, stderr } = spawnSync("bash", words, { cwd: project, env: process.env, encoding: "utf8" });
  if (status !== 0) throw new Error(`runseal ${args.join(" ")}: ${readFileSync(join(project, "error.txt"))}`);
  const seconds = stderr.trim().split(" ").map(Number);
  return Math.round(1000 * seconds.reduce((sum, own) => sum + own, 0));
}

async function sealParts(project, parts) {
  for (let part = 1; part <= parts; part++) {
    const id = `p${part}`;
    mkdirSync(join(project, id));
    for (let file = 0; file < FILES; file++)
      writeFileSync(join(project, id, `f${file}`), `${file} of ${id}\n`);
    const sealed = await seal({ project, paths: [join(project, id)], id });
    if (!sealed.ok) throw new Error(sealed.message);
    cpSync(join(project, ".runseal/runs", id), join(project, "parts", id), { recursive: true });
  }
}

async function measure(parts) {
  const folder = mkdtempSync(join(tmpdir(), "measure-parts-"));
  try {
    process.env.HOME = join(folder, "home");
    delete process.env.XDG_CONFIG_HOME;
    const project = join(folder, "project");
    mkdirSync(join(folder, "home"));
    mkdirSync(project);
    timed(project, "init", "--name", "default", "--no-passphrase");
    await sealParts(project, parts);
    const id = `p${parts}`;
    return {
      parts,
      files: parts * FILES,
      seal: timed(project, "seal", "parts", "--id", "whole"),
      verify: timed(project, "verify", "whole"),
      verifyParts: timed(project, "verify", "whole", "--parts"),
      proveFile: timed(project, "prove", id, `${id}/f0`, "--out", "file.proof"),
      provePart: timed(project, "prove", "whole", `parts/${id}/SIGNED_PAYLOAD.json`, "--out", "part.proof"),
      check:
        timed(project, "check", "file.proof", `${id}/f0`) +
        timed(project, "check", "part.proof", `parts/${id}/SIGNED_PAYLOAD.json`),
      proofBytes: statSync(join(project, "file.proof")).size + statSync(join(project, "part.proof")).size,
      restore: timed(project, "restore", id, "--to", "there", "--mkdir"),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const counts = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [1, 10, 100, 1000];
for (const parts of counts) console.log(JSON.stringify(await measure(parts)));
