import { rmSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { FIRST_SEED, sha256, testSigner } from "../../support/bundles/bundle.ts";
import { HistoryScene } from "../../support/bundles/history-scene.ts";
import type { Facts } from "../../support/command/cli.ts";

const TRUSTED = ["--signer", testSigner(FIRST_SEED).publicKeyHex];

/** Puts a text into the store of a scene. */
function keep(scene: HistoryScene, text: string, content = text): void {
  const digest = sha256(text);
  scene.write({ [`.runseal/objects/${digest.slice(0, 2)}/${digest.slice(2)}`]: content });
}

/** Three runs that write the same file, all of them kept, and a file that only the first run made. */
function sceneOfOverwrites(): HistoryScene {
  const scene = new HistoryScene();
  scene.seal("one", { outputs: { "out.txt": "first\n", "log.txt": "log\n" } });
  scene.seal("two", { outputs: { "out.txt": "second\n" } });
  scene.seal("three", { outputs: { "out.txt": "third\n", "more.txt": "more\n" } });
  for (const text of ["first\n", "second\n", "third\n", "log\n", "more\n"]) keep(scene, text);
  return scene;
}

function verify(scene: HistoryScene, ...args: readonly string[]): Promise<Facts> {
  return scene.json(["verify", "--history", ...TRUSTED, ...args]);
}

describe.concurrent("where verify --history looks for files", () => {
  it("takes the newest run from the folder and older ones from the store, and says so for each", async () => {
    using scene = sceneOfOverwrites();
    expect(await verify(scene)).toMatchObject({
      code: "OK",
      runs: [
        { run_id: "one", source: "store", files: 2, differing: 1 },
        { run_id: "two", source: "store", files: 1, differing: 1 },
        { run_id: "three", source: "root", files: 2, differing: 0 },
      ],
    });
    const { stdout } = await scene.run(["verify", "--history", ...TRUSTED]);
    expect(stdout.match(/from the project.*$/gm)).toEqual([
      "from the project's store; 1 of 2 files on the disk differs",
      "from the project's store; 1 of 1 file on the disk differs",
      "from the project root",
    ]);
  });

  it("rejects a folder in which an output of the newest run was changed, though the store keeps it", async () => {
    using scene = sceneOfOverwrites();
    scene.write({ "out.txt": "tampered\n" });
    expect(await verify(scene)).toMatchObject({
      code: "HASH_MISMATCH",
      exit_code: 1,
      details: { run_id: "three", path: "out.txt" },
      runs: [
        { run_id: "one", source: "store" },
        { run_id: "two", source: "store" },
        { run_id: "three", source: "root", files: 2, differing: 1 },
      ],
    });
    const { stderr } = await scene.run(["verify", "--history", ...TRUSTED]);
    expect(stderr).toContain('HASH_MISMATCH: run "three": ');
    expect(stderr).toContain("; 1 of 2 files on the disk differs\n");
  });

  it("rejects a folder in which all outputs of the newest run are missing, and counts them", async () => {
    using scene = sceneOfOverwrites();
    for (const name of ["out.txt", "more.txt"]) rmSync(scene.at(name));
    expect(await verify(scene)).toMatchObject({
      code: "OUTPUT_MISSING",
      runs: [{ differing: 1 }, { differing: 1 }, { run_id: "three", source: "root", differing: 2 }],
    });
  });

  it("looks in the store alone with --stored, and compares nothing with the folder", async () => {
    using scene = sceneOfOverwrites();
    scene.write({ "out.txt": "tampered\n" });
    const runs = ["one", "two", "three"].map((run_id) => ({ run_id, source: "store", differing: null }));
    expect(await verify(scene, "--stored")).toMatchObject({ code: "OK", runs });
    rmSync(scene.at(".runseal/objects"), { recursive: true });
    expect(await verify(scene, "--stored")).toMatchObject({
      code: "OUTPUT_MISSING",
      details: { run_id: "one" },
    });
  });

  it("takes an older run from the folder where the store does not hold it as it was sealed", async () => {
    using scene = new HistoryScene();
    scene.seal("one", { outputs: { "one.txt": "one\n" } });
    scene.seal("two", { outputs: { "two.txt": "two\n" } });
    const fromRoot = {
      runs: [
        { source: "root", differing: 0 },
        { source: "root", differing: 0 },
      ],
    };
    expect(await verify(scene)).toMatchObject({ code: "OK", ...fromRoot });
    keep(scene, "one\n", "ONE\n");
    expect(await verify(scene)).toMatchObject({ code: "OK", ...fromRoot });
    scene.write({ "one.txt": "other\n" });
    expect(await verify(scene)).toMatchObject({
      code: "HASH_MISMATCH",
      details: { run_id: "one" },
      runs: [{ source: "store", differing: 1 }],
    });
    expect((await scene.run(["verify", "--history", ...TRUSTED])).stderr).toContain("is corrupted");
  });

  it("does the same with bundles that are named: the last one is the newest", async () => {
    using scene = sceneOfOverwrites();
    const named = ["one", "two", "three"].map((id) => `.runseal/runs/${id}`);
    expect(await verify(scene, ...named)).toMatchObject({
      code: "OK",
      runs: [{ source: "store" }, { source: "store" }, { source: "root" }],
    });
    expect(await verify(scene, "one", "two")).toMatchObject({
      code: "HASH_MISMATCH",
      details: { run_id: "two" },
    });
    expect(await verify(scene, "one", "two", "--stored")).toMatchObject({ code: "OK" });
  });

  it("does not count older runs' files in the folder where there are more than ten thousand", async () => {
    using scene = new HistoryScene();
    const many = Object.fromEntries(Array.from({ length: 10_001 }, (_, at) => [`many/${at}`, "same\n"]));
    scene.seal("one", { outputs: many });
    scene.seal("two", { outputs: { "two.txt": "two\n" } });
    keep(scene, "same\n");
    scene.write({ "many/7": "other\n" });
    expect(await verify(scene)).toMatchObject({
      code: "OK",
      runs: [{ source: "store", differing: null }, {}],
    });
  });
});
