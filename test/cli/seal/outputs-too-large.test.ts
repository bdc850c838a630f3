import { mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { FIRST_SEED, sha256, testSigner } from "../../support/bundles/bundle.ts";
import { HistoryScene } from "../../support/bundles/history-scene.ts";
import { countReads } from "../../support/files/reads-of.ts";

/** A file of this size takes no room. To hash it would take an hour. */
const THREE_TIB = 3 * 2 ** 40;

const SIGNED = ["--signer", testSigner(FIRST_SEED).publicKeyHex];
const RUN = ".runseal/runs/one";
const INTO = ["--to", "../new", "--mkdir"];

/** Puts a sparse file in the place of another. */
function makeSparse(file: string, size: number = THREE_TIB): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, "");
  truncateSync(file, size);
}

function objectOf(content: string): string {
  const digest = sha256(content);
  return `.runseal/objects/${digest.slice(0, 2)}/${digest.slice(2)}`;
}

/** A project with one bound bundle that declares 11 bytes in two outputs. */
function makeScene(): HistoryScene {
  const scene = new HistoryScene();
  scene.seal("one", { outputs: { "out/a.txt": "alpha\n", "out/b.txt": "beta\n" } });
  return scene;
}

const DETAILS = {
  path: "out/b.txt",
  expected: `sha256:${sha256("beta\n")}`,
  found_bytes: 6 + THREE_TIB,
  declared_bytes: 11,
};

describe.concurrent("an output that is larger than all that its bundle declares is not read", () => {
  it.each<[string, readonly string[], number]>([
    ["verify", ["verify", RUN, ...SIGNED], 1],
    ["verify --all", ["verify", RUN, "--all", ...SIGNED], 1],
    ["verify with one thread", ["verify", RUN, "--jobs", "1", ...SIGNED], 1],
    ["verify --history of bundles", ["verify", "--history", RUN, "--files", ".", ...SIGNED], 1],
    ["verify --history of a project", ["verify", "--history", ...SIGNED], 1],
    ["log --verify", ["log", "--verify"], 0],
    ["restore", ["restore", RUN, ...INTO, ...SIGNED], 5],
  ])("by %s", async (_what, args, exitCode) => {
    using scene = makeScene();
    const file = scene.at("out/b.txt");
    makeSparse(file);
    const end = await countReads(scene, args, file);
    expect(end?.reads ?? 0, `${end?.stdout}${end?.stderr}`).toBe(0);
    expect(end?.exitCode ?? exitCode).toBe(exitCode);
    expect(`${end?.stdout}${end?.stderr}`).toContain("HASH_MISMATCH");
  });

  it.each<[string, readonly string[], number]>([
    ["verify --stored", ["verify", RUN, "--stored", ...SIGNED], 1],
    ["verify --history --stored", ["verify", "--history", "--stored", ...SIGNED], 1],
    ["restore", ["restore", RUN, ...INTO, ...SIGNED], 5],
  ])("by %s, where it is an object of the store", async (_what, args, exitCode) => {
    using scene = makeScene();
    scene.write({ [objectOf("alpha\n")]: "alpha\n", "out/a.txt": "other\n" });
    const file = scene.at(objectOf("beta\n"));
    makeSparse(file);
    const end = await countReads(scene, args, file);
    expect(end?.reads ?? 0, `${end?.stdout}${end?.stderr}`).toBe(0);
    expect(end?.exitCode ?? exitCode).toBe(exitCode);
    expect(`${end?.stdout}${end?.stderr}`).toContain("HASH_MISMATCH");
  });

  it("by countersign, which signs nothing", async () => {
    using scene = makeScene();
    await scene.done(["key", "new", "second", "--no-passphrase"]);
    const file = scene.at("out/b.txt");
    makeSparse(file);
    const end = await countReads(scene, ["sign", "--counter", RUN, "--key", "second"], file);
    expect(end?.reads ?? 0, end?.stderr).toBe(0);
    expect(end?.stderr ?? "HASH_MISMATCH").toContain("HASH_MISMATCH");
  });

  it("by undo, where it is a restored file", async () => {
    using scene = makeScene();
    await scene.done(["restore", RUN, ...INTO, ...SIGNED]);
    makeSparse(join(scene.folder, "new/out/b.txt"));
    // Were it read, the command would be killed as one that hangs.
    expect(await scene.json(["undo", "--restored", "../new"])).toMatchObject({
      code: "UNDO_TARGET_CHANGED",
      details: { changed: [{ path: "out/b.txt", change: "other-bytes" }] },
    });
  });

  it("and the answer says how many bytes were found, and how many are declared", async () => {
    using scene = makeScene();
    makeSparse(scene.at("out/b.txt"));
    expect(await scene.json(["verify", RUN, "--all", ...SIGNED])).toMatchObject({
      code: "HASH_MISMATCH",
      phase: "outputs",
      details: DETAILS,
      failures: [{ code: "HASH_MISMATCH", ...DETAILS }],
    });
    const { stderr } = await scene.run(["verify", RUN, ...SIGNED]);
    expect(stderr).toContain(
      `HASH_MISMATCH: the output "out/b.txt" was not read: the outputs up to it have ${6 + THREE_TIB} bytes, and the bundle declares 11 for all of them\n`,
    );
    expect(await scene.json(["restore", RUN, ...INTO, ...SIGNED])).toMatchObject({
      details: { verifier_code: "HASH_MISMATCH", ...DETAILS },
    });
  });

  it("also where the bundle declares no bytes at all", async () => {
    using scene = new HistoryScene();
    scene.seal("one", { outputs: { "out/empty": "" } });
    makeSparse(scene.at("out/empty"));
    expect(await scene.json(["verify", RUN, ...SIGNED])).toMatchObject({
      code: "HASH_MISMATCH",
      details: { path: "out/empty", found_bytes: THREE_TIB, declared_bytes: 0 },
    });
  });

  it("and a changed output before it decides the verdict", async () => {
    using scene = makeScene();
    makeSparse(scene.at("out/b.txt"));
    scene.write({ "out/a.txt": "ALPHA\n" });
    const facts = await scene.json(["verify", RUN, "--all", ...SIGNED]);
    expect(facts).toMatchObject({
      details: { path: "out/a.txt", actual: `sha256:${sha256("ALPHA\n")}` },
      failures: [{ path: "out/a.txt" }, DETAILS],
    });
  });
});
