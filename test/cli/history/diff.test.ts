import { writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { sealBundle, sha256 } from "../../support/bundles/bundle.ts";
import { HistoryScene, linked } from "../../support/bundles/history-scene.ts";

/** Two runs: one output stays, one changes, one goes, one comes. */
function sceneOfTwo(): HistoryScene {
  const scene = new HistoryScene();
  scene.seal("monday", { outputs: { "same.txt": "1", "other.txt": "2", "gone.txt": "3" } });
  scene.seal("tuesday", { outputs: { "same.txt": "1", "other.txt": "4", "fresh.txt": "5" } });
  return scene;
}

describe.concurrent("runseal diff", () => {
  it("lists what came, what went and what became other bytes, and changes nothing", async () => {
    using scene = sceneOfTwo();
    const { exitCode, stdout, stderr } = await scene.changesNothing(["diff", "monday", "tuesday"]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    const [before, after, ...rest] = stdout.split("\n");
    expect(before).toMatch(/^--- monday .* bundle ok$/);
    expect(after).toMatch(/^\+\+\+ tuesday .* bundle ok$/);
    expect(rest).toEqual([
      "+ added   fresh.txt",
      "- removed gone.txt",
      "~ changed other.txt",
      "1 added, 1 removed, 1 changed; 1 file the same; the outputs were not looked at",
      "",
    ]);
  });

  it("gives the same to a program, with the digests", async () => {
    using scene = sceneOfTwo();
    const facts = await scene.json(["diff", ".runseal/runs/monday", "tuesday"]);
    const digest = (content: string): string => `sha256:${sha256(content)}`;
    expect(facts).toMatchObject({
      before: { run_id: "monday", bundle_root: scene.line[0]?.bundleRoot, trust: { ok: false } },
      after: { run_id: "tuesday" },
      counts: { added: 1, removed: 1, changed: 1, kind: 0, mode: 0, unreadable: 0 },
      changes: [
        { path: "fresh.txt", kind: "file", change: "added", before: null, after: digest("5") },
        { path: "gone.txt", kind: "file", change: "removed", before: digest("3"), after: null },
        { path: "other.txt", kind: "file", change: "changed", before: digest("2"), after: digest("4") },
      ],
      changes_left_out: 0,
      same: 1,
    });
  });

  it("compares what was sealed, not what is there now", async () => {
    using scene = sceneOfTwo();
    writeFileSync(scene.at("same.txt"), "changed since");
    expect(await scene.json(["diff", "monday", "tuesday"])).toMatchObject({ same: 1 });
  });

  it("compares a failed run too: what it made is honestly said", async () => {
    using scene = sceneOfTwo();
    scene.put(
      linked("failed", scene.line[1], { status: { status: "failure" }, outputs: { "half.txt": "" } }),
    );
    const { exitCode, stdout } = await scene.run(["diff", "tuesday", "failed"]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain(" FAILED RUN");
    expect(stdout).toContain("\n+ added   half.txt\n");
  });

  it("shows names escaped, and a bounded number of them", async () => {
    using scene = new HistoryScene();
    const outputs = Object.fromEntries(
      Array.from({ length: 1100 }, (_, index) => [`\u001b[2J\u202e${index}`, ""] as const),
    );
    scene.put(sealBundle({ runId: "a", outputs: {} }));
    scene.put(sealBundle({ runId: "b", outputs }));
    const { stdout } = await scene.run(["diff", "a", "b"]);
    expect(stdout).not.toMatch(/[^\n -~…]/);
    expect(stdout).toContain("\n+ … and 100 more added\n");
    expect((await scene.json(["diff", "a", "b"]))["changes"]).toHaveLength(1100);
  });

  it.each(["--stat", "--patch"])("has no %s for a program, which gets every change", async (option) => {
    using scene = sceneOfTwo();
    expect(await scene.json(["diff", "monday", "tuesday", option])).toMatchObject({
      code: "USAGE",
      exit_code: 2,
    });
  });
});
