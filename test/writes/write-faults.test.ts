import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { FIRST_SEED } from "../support/bundles/bundle.ts";
import { MAIN } from "../support/command/cli.ts";
import { killObstacle } from "../support/faults/kill-strace.ts";
import { makeFolder, removeTree } from "../support/files/tree.ts";
import { buildFaults, type Fault, type FaultedEnd, runFaulted } from "./faulted-process.ts";
import { placeKey } from "./home-files.ts";
import { WriteCell } from "./write-cell.ts";

/** Writing calls as strace shows them, with a path below a descriptor or with one of the test's own. */
const WRITING =
  /^\d+ +(?:openat\(.*O_(?:CREAT|TRUNC)|(?:p?write(?:64)?|mkdir|link|rename|rmdir|unlink|f?chmod|f?chown|fsync|fdatasync|bind|utimensat)\(|ioctl\(.*FICLONE)/;

const folder = makeFolder();
const built = buildFaults(folder);

afterAll(() => removeTree(folder));

/** Runs some JavaScript under a fault, in a folder of its own. */
async function script(
  library: string,
  lines: string,
  fault?: Fault,
): Promise<FaultedEnd & { readonly below: string }> {
  const below = makeFolder(folder);
  const program = join(folder, "program.mjs");
  writeFileSync(program, `import fs from "node:fs";\n${lines}\n`);
  const setting = { cwd: below, env: {}, below, log: join(folder, "log"), program: [program] };
  return { ...(await runFaulted(library, [], setting, fault)), below };
}

describe("write-faults.c", () => {
  it("counts each writing call that strace sees, in the same order", async ({ skip }) => {
    if ("obstacle" in built) return skip(built.obstacle);
    skip(killObstacle() !== undefined, killObstacle());
    const cell = new WriteCell(join(folder, "seal"));
    placeKey(cell, "alice", FIRST_SEED);
    mkdirSync(join(cell.project, "out"));
    writeFileSync(join(cell.project, "out/a.txt"), "alpha\n");
    const [log, trace] = [join(folder, "log"), join(folder, "trace")];
    const env = { LD_PRELOAD: built.library, WRITE_FAULTS_BELOW: cell.folder, WRITE_FAULTS_LOG: log };
    const given = Object.entries(env).flatMap(([name, value]) => ["-E", `${name}=${value}`]);
    const options = ["-f", "-y", "-qq", "-o", trace, "-e", "trace=%file,%desc,bind", ...given];
    const { status } = spawnSync("strace", [...options, process.execPath, MAIN, "seal", "out"], {
      cwd: cell.project,
      env: { ...cell.env, UV_THREADPOOL_SIZE: "1", UV_USE_IO_URING: "0" },
    });
    expect(status).toBe(0);
    const seen = readFileSync(trace, "utf8")
      .split("\n")
      .filter((line) => WRITING.test(line) && !line.includes(log) && !line.includes('"/proc/self'))
      .filter(
        (line) =>
          line.includes(`${cell.folder}/`) || /"\/proc\/\d+\/fd\//.test(line) || line.includes(cell.folder),
      )
      .map((line) =>
        line
          .replace(/^\d+ +(\w+)\(.*/, "$1")
          .replace("openat", "open")
          .replace("pwrite64", "write"),
      );
    const counted = readFileSync(log, "utf8").trimEnd().split("\n");
    expect(counted.map((line) => line.split(" ")[1])).toEqual(seen);
    expect(seen.length).toBeGreaterThan(50);
  });

  it("counts what worker threads and asynchronous calls write", async ({ skip }) => {
    if ("obstacle" in built) return skip(built.obstacle);
    const { calls } = await script(
      built.library,
      `import { Worker } from "node:worker_threads";
       import { once } from "node:events";
       await once(new Worker("require('fs').mkdirSync('by-a-thread')", { eval: true }), "exit");
       await fs.promises.mkdir("asynchronously");`,
    );
    const names = calls.map(({ name, path }) => `${name} ${path.split("/").at(-1)}`);
    expect(names).toEqual(["mkdir by-a-thread", "mkdir asynchronously"]);
  });

  it("does not count what child processes write", async ({ skip }) => {
    if ("obstacle" in built) return skip(built.obstacle);
    const { below, calls } = await script(
      built.library,
      `import { spawnSync } from "node:child_process";
       spawnSync(process.execPath, ["-e", "require('fs').mkdirSync('by-a-child')"]);`,
    );
    expect(existsSync(join(below, "by-a-child"))).toBe(true);
    expect(calls).toEqual([]);
  });

  const WRITE_TWICE = `const fd = fs.openSync("file", "w");
    for (const text of ["first.", "second."]) {
      try { fs.writeSync(fd, text); } catch (error) { console.log(error.code); }
    }
    try { fs.unlinkSync("file"); } catch (error) { console.log(error.code); }`;

  it.for([
    ["kills before a call", { mode: "kill", at: 3 }, null, "", "first."],
    ["tears a write in the middle", { mode: "tear", at: 3 }, null, "", "first.sec"],
    ["kills after a call", { mode: "kill-after", at: 3 }, null, "", "first.second."],
    ["fails one call", { mode: "EIO", at: 2 }, 0, "EIO\n", undefined],
    ["fails all later calls of a disk that is gone", { mode: "EIO+", at: 3 }, 0, "EIO\nEIO\n", "first."],
    ["lets names be removed on a full disk", { mode: "ENOSPC+", at: 2 }, 0, "ENOSPC\nENOSPC\n", undefined],
  ] as const)("%s", async ([_name, fault, exitCode, stdout, left], { skip }) => {
    if ("obstacle" in built) return skip(built.obstacle);
    const end = await script(built.library, WRITE_TWICE, fault);
    expect(end).toMatchObject({ exitCode, stdout });
    const file = join(end.below, "file");
    expect(existsSync(file) ? readFileSync(file, "utf8") : undefined).toBe(left);
  });
});
