import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { computeManifestRoot, type HexDigest } from "../../../src/core/internal.ts";
import { nodeCrypto } from "../../../src/node/system/runtime/node-crypto.ts";
import { caseOf } from "../../support/command/case-of.ts";
import { factsOf, makeFifo, makeProjectWithKey, namesIn, type Project } from "../../support/command/cli.ts";
import { ofRing } from "../../support/rings/ring.ts";

const DYING = fileURLToPath(new URL("../../support/files/dying-worker.mjs", import.meta.url));

/** More than one thread hashes alone (7,000): others are called while they are listed. */
const FILES = 7500;

describe("sealing many files", () => {
  let project: Project;

  beforeAll(async () => {
    const names = Array.from({ length: FILES }, (_, index) => `out/d${index % 30}/f${index}`);
    project = await makeProjectWithKey(Object.fromEntries(names.map((name) => [name, name])));
  });

  afterAll(() => project[Symbol.dispose]());

  function read(folder: string, name: string): Record<string, unknown> {
    return JSON.parse(readFileSync(project.at(folder, "many", name), "utf8"));
  }

  it.each([
    ["by two threads", ["--jobs", "2"]],
    ...ofRing<[string, string[]][]>(
      [],
      [
        ["by one thread", ["--jobs", "1"]],
        ["whose names were not checked", ["--names", "posix"]],
      ],
    ),
  ])("states the root of all of them, %s, and proves from it", async (what, options) => {
    const folder = what.replaceAll(" ", "-");
    await project.done(["seal", "out", "--id", "many", "--out", folder, ...options]);
    const hashes = Object.entries(read(folder, "OUTPUT_HASHES.json")["hashes"] ?? {});
    expect(hashes).toHaveLength(FILES);
    const entries = hashes.map(([path, declared]) => ({
      path,
      digest: String(declared).slice(7) as HexDigest,
    }));
    expect(computeManifestRoot(entries, nodeCrypto)).toEqual({
      ok: true,
      value: read(folder, "OUTPUTS_ROOT.json")["outputs_root"],
    });
    await project.done(["prove", `${folder}/many`, "out/d5/f5", "-o", `${folder}.json`]);
    await project.done(["verify", `${folder}/many`, "--any-signer"]);
  });

  it.each([
    ["a FIFO", "ENTRIES_REFUSED special", makeFifo],
    [
      "a link that leads outside",
      "ENTRIES_REFUSED links-leave-root",
      (place: string) => symlinkSync("/f", place),
    ],
    [
      "a name that breaks the law",
      "ENTRIES_REFUSED names-unlawful",
      (place: string) => writeFileSync(`${place}\\`, ""),
    ],
  ])("refuses %s that is listed last, though threads are up already, and leaves nothing", async (...how) => {
    const [, code, put] = how;
    mkdirSync(project.at("out", "z"));
    put(project.at("out", "z", "last"));
    await refuses(code);
    rmSync(project.at("out", "z"), { recursive: true });
  });

  it("ends with 70 when a thread dies that was called while they were listed, and leaves nothing", async () => {
    const before = namesIn(project.root);
    const env = { ...project.env, NODE_OPTIONS: `--import ${DYING}`, DYING: "exit" };
    const args = ["seal", "out", "--id", "many", "--out", "dead", "--jobs", "2", "--json"];
    const end = await project.run(args, { env });
    expect(factsOf(end)).toMatchObject({ ok: false, code: "INTERNAL_ERROR", exit_code: 70 });
    expect(namesIn(project.root)).toEqual(before);
  });

  async function refuses(code: string): Promise<void> {
    const before = namesIn(project.root);
    const end = await project.run(["seal", "out", "--id", "many", "--out", "refused", "--strict", "--json"]);
    expect(end.exitCode).toBe(1);
    expect(caseOf(factsOf(end))).toBe(code);
    expect(namesIn(project.root)).toEqual(before);
  }
});
