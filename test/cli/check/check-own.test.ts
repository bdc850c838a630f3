/** What `export` writes, judged by `check`. @module */

import { cpSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { BUNDLE, type Facts, makeSealedProject, type Project } from "../../support/command/cli.ts";

const FORMS = [
  ["sshsig", "SHA256SUMS.sig", "allowed_signers"],
  ["minisign", "SHA256SUMS.minisig", "minisign.pub"],
  ["signify", "SHA256.sig", "signify.pub"],
  ["dsse", "one.intoto.jsonl", "cosign.pub"],
  ["sigstore", "one.sigstore.json", "cosign.pub"],
] as const;

const STATEMENTS = FORMS.filter(([form]) => form === "dsse" || form === "sigstore");

async function makeExported(): Promise<Project> {
  const project = await makeSealedProject();
  await project.run(["export", "one", "--format", "all", "-o", "ev"]);
  return project;
}

function check(project: Project, evidence: string, ...more: readonly string[]): Promise<Facts> {
  return project.json(["check", `ev/${evidence}`, ...more]);
}

describe.each(FORMS)("an export as %s", (form, evidence, key) => {
  it("is accepted by the user's own trust file, and by the key that it comes with", async () => {
    using project = await makeExported();
    expect(await check(project, evidence)).toMatchObject({ ok: true, form, files: 2 });
    const signer = key === "allowed_signers" ? ["--trust", `ev/${key}`] : ["--signer", `ev/${key}`];
    expect(await check(project, evidence, ...signer)).toMatchObject({ ok: true });
  });
});

describe.each(STATEMENTS)("an exported statement in %s", (_, evidence) => {
  it("names its run and the root that was computed again", async () => {
    using project = await makeExported();
    const { bundle_root } = await project.json(["verify", BUNDLE]);
    expect(await check(project, evidence)).toMatchObject({ run_id: "one", bundle_root });
  });

  it("is rejected without its run, and accepted where --run names it", async () => {
    using project = await makeExported();
    renameSync(project.at(BUNDLE), project.at("one"));
    expect(await check(project, evidence)).toMatchObject({
      code: "EVIDENCE_INCOMPLETE",
      details: { reason: "run" },
      exit_code: 1,
    });
    expect(await check(project, evidence, "--run", "one")).toMatchObject({ ok: true, run_id: "one" });
  });

  it("is rejected for another run of the same name", async () => {
    using project = await makeExported();
    using other = await makeSealedProject({ "out/a.txt": "x", "out/b.txt": "y" });
    rmSync(project.at(BUNDLE), { recursive: true });
    cpSync(other.at(BUNDLE), project.at(BUNDLE), { recursive: true });
    expect(await check(project, evidence)).toMatchObject({ code: "BUNDLE_ROOT_MISMATCH", exit_code: 1 });
  });

  it("is rejected for a changed list beside it, and for a missing one", async () => {
    using project = await makeExported();
    const list = project.at("ev/SHA256SUMS");
    writeFileSync(list, readFileSync(list, "utf8").replace(/^./, "0"));
    expect(await check(project, evidence)).toMatchObject({
      code: "HASH_MISMATCH",
      details: { path: "SHA256SUMS" },
    });
    rmSync(list);
    expect(await check(project, evidence)).toMatchObject({
      code: "OUTPUT_MISSING",
      details: { path: "SHA256SUMS" },
    });
  });
});

describe.each(STATEMENTS)("an exported statement in %s, with --exact", (_, evidence) => {
  /** The evidence beside the project, the rest of the export away. */
  async function makeApart(): Promise<Project> {
    const project = await makeExported();
    cpSync(project.at("ev"), `${project.folder}/ev`, { recursive: true });
    rmSync(project.at("ev"), { recursive: true });
    return project;
  }

  function checkExactly(project: Project): Promise<Facts> {
    return project.json(["check", `../ev/${evidence}`, "--exact"]);
  }

  it("is accepted where nothing else is there", async () => {
    using project = await makeApart();
    expect(await checkExactly(project)).toMatchObject({ ok: true });
  });

  it.each(["bundle-root", "OUTPUT_HASHES.json", "SHA256SUMS", "SHA256SUMS/a", "bundle-root/a"])(
    "is rejected for a file %s that was not signed",
    async (path) => {
      using project = await makeApart();
      project.write({ [path]: "planted" });
      expect(await checkExactly(project)).toMatchObject({ code: "EVIDENCE_EXTRA", details: { path } });
    },
  );

  it("does not take its own list for an extra", async () => {
    using project = await makeExported();
    const facts = await check(project, evidence, "--exact", "--all");
    const extras = facts["failures"] as readonly { readonly path: string }[];
    expect(extras.map(({ path }) => path)).not.toContain("ev/SHA256SUMS");
  });

  it("is found below a root that is named through a link", async () => {
    using project = await makeApart();
    for (const name of [evidence, "SHA256SUMS"]) cpSync(`${project.folder}/ev/${name}`, project.at(name));
    symlinkSync(project.root, `${project.folder}/link`);
    expect(await project.json(["check", evidence, "--files", "../link", "--exact"])).toMatchObject({
      ok: true,
    });
  });
});

it.each(STATEMENTS)("finds the list of %s although another file has its name", async (_, evidence) => {
  using project = await makeExported();
  project.write({ SHA256SUMS: "of something else\n" });
  expect(await check(project, evidence)).toMatchObject({ ok: true });
});

it("does not judge a verdict, and says what does", async () => {
  using project = await makeSealedProject();
  await project.run(["export", "one", "--format", "verdict", "-o", "verdict.json"]);
  expect(await project.json(["check", "verdict.json"])).toMatchObject({
    code: "EVIDENCE_UNSUPPORTED",
    verdict: null,
    details: { reason: "verdict" },
  });
  const { exitCode, stdout } = await project.run(["check", "verdict.json"]);
  expect([exitCode, stdout]).toEqual([4, ""]);
});

it("judges the list of a run with more files than a statement names", async () => {
  const files = Object.fromEntries(Array.from({ length: 1100 }, (_, index) => [`out/${index}`, `${index}`]));
  using project = await makeSealedProject(files);
  await project.run(["export", "one", "--format", "dsse", "-o", "ev"]);
  expect(await check(project, "one.intoto.jsonl")).toMatchObject({ ok: true, files: 1100 });
  project.write({ "out/1099": "other" });
  expect(await check(project, "one.intoto.jsonl")).toMatchObject({
    code: "HASH_MISMATCH",
    details: { path: "out/1099" },
  });
});

it("judges the statement of a run, by its link and by its provenance", async () => {
  using project = await makeSealedProject();
  await project.run([
    "run",
    "--output",
    "made",
    "--id",
    "two",
    "--",
    "sh",
    "-c",
    "mkdir made; echo x > made/x",
  ]);
  for (const [folder, ...options] of [["link"], ["slsa", "--predicate", "slsa"]] as const) {
    await project.run(["export", "two", "--format", "dsse", "-o", folder, ...options]);
    const facts = await project.json(["check", `${folder}/two.intoto.jsonl`]);
    expect(facts).toMatchObject({ ok: true, run_id: "two", files: 1 });
  }
});
