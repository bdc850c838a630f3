import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MAIN, makeSealedProject, type Project } from "../../../support/command/cli.ts";
import { removeTree, snapshotTree } from "../../../support/files/tree.ts";
import { drawn, LONG_TEST_MS } from "../../../support/rings/ring.ts";

const FILES = 120;
const ARCHIVE = "many.runseal";

/** Of the moments, so many are while bytes come, and the others after the last of them. */
const MOMENTS = 50;
const WHILE_BYTES_COME = 30;

let project: Project;
let archive: Buffer;

beforeAll(async () => {
  project = await makeSealedProject();
  const files = Array.from({ length: FILES }, (_, number) => {
    const content = Buffer.alloc(number % 10 === 0 ? 700_000 : 3000, `${number} `);
    return [`many/${number % 7}/${number}.bin`, content] as const;
  });
  project.write(Object.fromEntries(files));
  await project.done(["seal", "many", "--id", "many"]);
  await project.done(["push", "many", ARCHIVE]);
  archive = readFileSync(project.at(ARCHIVE));
}, LONG_TEST_MS);
afterAll(() => project[Symbol.dispose]());

/** Feeds a restore from a pipe, and kills it at one of the moments. */
async function killRestore(moment: number): Promise<void> {
  const args = [MAIN, "restore", "-", "--to", "target", "--any-signer"];
  const child = spawn(process.execPath, args, {
    cwd: project.root,
    env: { ...project.env },
    stdio: ["pipe", "ignore", "ignore"],
  });
  const ended = once(child, "exit");
  child.stdin.on("error", () => undefined);
  const share = Math.min(1, (moment + 1) / WHILE_BYTES_COME);
  const part = archive.subarray(0, Math.floor(archive.length * share));
  await new Promise<void>((taken) => child.stdin.write(part, () => taken()));
  if (moment < WHILE_BYTES_COME) await setTimeout(5);
  else {
    child.stdin.end();
    await setTimeout((moment - WHILE_BYTES_COME) * 15);
  }
  child.kill("SIGKILL");
  await ended;
}

describe("a restore from a pipe, killed by SIGKILL", () => {
  const moments = Array.from({ length: MOMENTS }, (_, moment) => moment);

  it.each(drawn(moments, 5))(
    "at moment %i of 50 leaves nothing or everything, and no bytes of its own",
    async (moment) => {
      mkdirSync(project.at("target"));
      try {
        await killRestore(moment);
        expect(readdirSync(project.at("target")).filter((name) => name.includes("spool"))).toEqual([]);
        await project.run(["recover", "target"]);
        const left = readdirSync(project.at("target"));
        const isEverything = left.includes("many");
        expect(left.filter((name) => name.startsWith("."))).toEqual([]);
        if (!isEverything) {
          expect(left).toEqual([]);
          await project.done(["restore", ARCHIVE, "--to", "target", "--any-signer"]);
        }
        expect(snapshotTree(project.at("target/many"))).toEqual(snapshotTree(project.at("many")));
      } finally {
        removeTree(project.at("target"));
      }
    },
    LONG_TEST_MS,
  );
});
