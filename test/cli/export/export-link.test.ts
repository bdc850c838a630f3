import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Facts, makeProjectWithKey, type Project } from "../../support/command/cli.ts";
import { expectAccepted, expectRejected, writeOutputs } from "../../support/evidence/evidence.ts";
import { itWith } from "../../support/evidence/real-tools.ts";

async function exported(project: Project, ...outputs: readonly string[]): Promise<Facts> {
  await project.done(["seal", ...outputs, "--id", "one", "--names", "posix"]);
  const facts = await project.json(["export", "one", "--format", "link", "-o", "evidence"]);
  expect(facts, JSON.stringify(facts)).toMatchObject({ ok: true });
  return facts;
}

describe.concurrent("a layout for in-toto", () => {
  itWith("in-toto-golang")("takes names for themselves that are patterns to it", async () => {
    const names = ["a[1]", "b*", "c?", "d]", "e{f}", "g^", "h i", "j\nk", "[!x]"];
    using project = await makeProjectWithKey(
      Object.fromEntries(
        names.flatMap((name) => [
          [name, name],
          [`dir ${name}/${name}`, name],
        ]),
      ),
    );
    const facts = await exported(project, ...names, ...names.map((name) => `dir ${name}`));
    expectAccepted(facts, "link", project.root);
    for (const name of [...names, ...names.map((one) => `dir ${one}/${one}`)]) {
      const before = readFileSync(project.at(name));
      writeFileSync(project.at(name), "changed");
      expectRejected(facts, "link", project.root, name);
      writeFileSync(project.at(name), before);
    }
    expectAccepted(facts, "link", project.root);
  });

  itWith("in-toto-golang")(
    "lets sealed links be, and refuses what was not sealed in the folders",
    async () => {
      using project = await makeProjectWithKey({ "out/a": "a", "out/deep/b": "b" });
      symlinkSync("a", project.at("out/link[1]"));
      symlinkSync("deep", project.at("out/to-folder"));
      const facts = await exported(project, "out");
      expectAccepted(facts, "link", project.root);
      writeFileSync(project.at("elsewhere"), "not judged");
      expectAccepted(facts, "link", project.root);
      writeFileSync(project.at("out/deep/new"), "new");
      expect(expectRejected(facts, "link", project.root, "extra file")).toContain("out/deep/new");
    },
  );

  // docs/evidence.md says so. If a new version of the program sees it, change the page.
  itWith("in-toto-golang")(
    "does not see a planted link to a folder, which verify --exact finds",
    async () => {
      using project = await makeProjectWithKey({ "out/a": "a" });
      const facts = await exported(project, "out");
      symlinkSync("/etc", project.at("out/etc"));
      expectAccepted(facts, "link", project.root);
      const exact = await project.json(["verify", "one", "--exact", "--any-signer"]);
      expect(exact).toMatchObject({ ok: false, exit_code: 1 });
    },
  );

  it.each(["file", "folder", "link"])(
    "is not made for a %s in the place of the file that verifiers write",
    async (kind) => {
      const name = "files-as-sealed.link";
      const path = kind === "folder" ? `${name}/a` : name;
      using project = await makeProjectWithKey({
        other: "other",
        ...(kind === "link" ? {} : { [path]: "mine" }),
      });
      if (kind === "link") symlinkSync("other", project.at(name));
      const outputs = kind === "link" ? ["."] : [name, "other"];
      await project.done(["seal", ...outputs, "--id", "one"]);
      const facts = await project.json(["export", "one", "--format", "link", "-o", "evidence"]);
      expect(facts).toMatchObject({
        code: "EXPORT_REFUSED",
        exit_code: 2,
        details: { reason: "names", format: "link", names: [path], more: 0 },
      });
      await project.json(["export", "one", "--format", "sums", "-o", "evidence"]);
    },
  );

  itWith("in-toto-golang")("takes run ids and folders that its option would take for a list", async () => {
    for (const folder of ["a,b", 'say "yes"', "a\nb", '",', "pkcs11:z"]) {
      using project = await makeProjectWithKey({ "out/a": "a" });
      await project.done(["seal", "out", "--id", "one,two"]);
      const facts = await project.json(["export", "one,two", "--format", "link", "-o", folder]);
      expectAccepted(facts, "link", project.root);
      writeFileSync(project.at("out/a"), "changed");
      expectRejected(facts, "link", project.root, "a changed file");
    }
  });

  itWith("in-toto-golang")(
    "warns of sealed links that lead nowhere, at which the program fails",
    async () => {
      using project = await makeProjectWithKey({ "out/a": "a", "out/deep/b": "b" });
      for (const [name, target] of [
        ["good", "deep/b"],
        ["folder", "deep"],
        ["chain", "good"],
      ] as const)
        symlinkSync(target, project.at("out", name));
      const facts = await exported(project, "out");
      expectAccepted(facts, "link", project.root);
      const quiet = await project.run(["export", "one", "--format", "link", "-o", "quiet"]);
      expect(quiet.stderr).toBe("");
      symlinkSync("missing", project.at("out/nowhere"));
      symlinkSync("circle", project.at("out/circle"));
      await project.done(["seal", "out", "--id", "two"]);
      const words = ["export", "two", "--format", "link", "-o"];
      const { stderr } = await project.run([...words, "loud"]);
      expect(stderr).toMatch(/^warning: in-toto fails at a link .*"out\/circle" and 1 other\n/);
      const failing = await project.json([...words, "failing"]);
      expect(expectRejected(failing, "link", project.root, "a dangling link")).toMatch(
        /^inspection failed: /,
      );
      const other = await project.run(["export", "two", "--format", "sums", "-o", "other"]);
      expect(other.stderr).toBe("");
    },
  );

  it("demands each of 1,024 files, and says so where it can't for one more", async () => {
    using project = await makeProjectWithKey({});
    mkdirSync(project.at("out"), { recursive: true });
    writeOutputs(project, 1024);
    await exported(project, "out");
    const rules = rulesOf(project);
    expect(rules.filter(([rule]) => rule === "REQUIRE")).toHaveLength(1024);
    writeFileSync(project.at("out/one-more"), "");
    await project.done(["seal", "out", "--id", "two"]);
    const end = await project.run(["export", "two", "--format", "link", "-o", "more"]);
    expect(end.exitCode).toBe(0);
    expect(end.stderr).toMatch(
      /^note: in-toto finds changed and added files of this run, but no missing ones/,
    );
  });
});

/** The rules of the layout's inspection. */
function rulesOf(project: Project): readonly (readonly string[])[] {
  const envelope = JSON.parse(readFileSync(project.at("evidence/one.layout"), "utf8")) as { payload: string };
  const layout = JSON.parse(Buffer.from(envelope.payload, "base64").toString()) as {
    inspect: readonly { readonly expected_materials: readonly (readonly string[])[] }[];
  };
  return layout.inspect[0]?.expected_materials ?? [];
}
