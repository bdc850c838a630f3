/** What commands advise where a run that is carried is not as it was sealed. */

import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { makeSealedProject, type Project } from "../../support/command/cli.ts";
import { readTar, type TarEntry, tarOf } from "../../support/registry/archive.ts";

const LAYOUT = "oci-layout:layout:v1";

/** Packs the run, and changes the entries of the archive. */
async function packChanged(
  project: Project,
  change: (entries: readonly TarEntry[]) => readonly TarEntry[],
): Promise<void> {
  await project.done(["push", "one", "whole.runseal"]);
  writeFileSync(project.at("x.runseal"), tarOf(change(readTar(readFileSync(project.at("whole.runseal"))))));
}

/** Pushes the run into a layout, and changes the text of its manifest. */
async function pushChanged(project: Project, change: (manifest: string) => string): Promise<void> {
  await project.done(["push", "one", LAYOUT]);
  const index = readFileSync(project.at("layout/index.json"), "utf8");
  const old = /sha256:([0-9a-f]{64})/.exec(index)?.[1] ?? "";
  const manifest = change(readFileSync(project.at(`layout/blobs/sha256/${old}`), "utf8"));
  const digest = createHash("sha256").update(manifest).digest("hex");
  writeFileSync(project.at(`layout/blobs/sha256/${digest}`), manifest);
  const size = Buffer.byteLength(manifest);
  const changed = index.replace(old, digest).replace(/"size":\s*\d+/, `"size":${size}`);
  writeFileSync(project.at("layout/index.json"), changed);
}

function lacking(path: string): (entries: readonly TarEntry[]) => readonly TarEntry[] {
  return (entries) => entries.filter((entry) => entry.path !== path);
}

function renamed(entries: readonly TarEntry[]): readonly TarEntry[] {
  return entries.map((entry) => ({ ...entry, path: entry.path.replace("/runs/one/", "/runs/two/") }));
}

const VERIFY = ["verify"];
const CHAIN = ["verify", "--history"];
const RESTORE = ["restore", "--to", "target", "--mkdir"];
const PULL = ["pull", "--here", "--project", "there"];

describe.concurrent("the advice on a carried run", () => {
  it.each([[VERIFY], [CHAIN], [RESTORE]])(
    "where its archive lacks an output names the archive: %j",
    async (verb) => {
      using project = await makeSealedProject();
      await packChanged(project, lacking("out/a.txt"));
      const { stderr } = await project.run([...verb, "x.runseal"]);
      expect(stderr).toContain("OUTPUT_MISSING");
      expect(stderr).toContain("hint: the archive lacks it: ask for the archive again");
      expect(stderr).not.toMatch(/root|folder/);
    },
  );

  it.each([[VERIFY], [CHAIN], [RESTORE], [["show"]], [["prove", "out/a.txt"]], [["diff", "one"]]])(
    "where its archive gives it another name renames no folder: %j",
    async (verb) => {
      using project = await makeSealedProject();
      await packChanged(project, renamed);
      const [name = "", ...rest] = verb;
      const args = name === "prove" ? [name, "x.runseal", ...rest] : [...verb, "x.runseal"];
      const { stderr } = await project.run(args);
      expect(stderr).toContain('the run was sealed as "one"');
      expect(stderr).toContain("hint: runseal carries a run under the name it was sealed under");
      expect(stderr.includes("--expect-id one")).toBe(!args.includes("--history") && name !== "diff");
      expect(stderr).not.toContain("folder");
    },
  );

  it.each([[VERIFY], [RESTORE], [PULL], [["show"]]])(
    "where its registry gives it another name renames no folder: %j",
    async (verb) => {
      using project = await makeSealedProject();
      await pushChanged(project, (manifest) =>
        manifest.replaceAll("/runs/one/", "/runs/two/").replace(`"one"`, `"two"`),
      );
      const { stderr } = await project.run([...verb, LAYOUT]);
      expect(stderr).toContain('the run was sealed as "one"');
      expect(stderr).toContain("hint: or say --expect-id one");
      expect(stderr).not.toContain("folder");
    },
  );
});
