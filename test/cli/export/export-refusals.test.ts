import { readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { SECOND_SEED, sha256 } from "../../support/bundles/bundle.ts";
import {
  type Facts,
  makeProjectWithKey,
  makeSealedProject,
  namesIn,
  type Project,
} from "../../support/command/cli.ts";
import {
  commandOf,
  expectAccepted,
  expectRejected,
  exportAll,
  JUDGED_FORMATS,
  judge,
} from "../../support/evidence/evidence.ts";
import { itWith } from "../../support/evidence/real-tools.ts";
import { RealAgent } from "../../support/evidence/ssh-agent.ts";

const ALL = ["export", "one", "--format", "all", "-o", "evidence"];

/** Runs an export that must fail and change nothing. */
async function refused(project: Project, args: readonly string[], env = project.env): Promise<Facts> {
  const said = await project.changesNothing(args, { env });
  expect(said.stdout).toBe("");
  const facts = await project.json(args, { env });
  expect(said.exitCode).toBe(facts["exit_code"]);
  expect(facts["ok"]).toBe(false);
  return facts;
}

/** A project with a sealed run of files with these names. */
async function sealedAs(names: readonly string[], ...options: readonly string[]): Promise<Project> {
  const files = Object.fromEntries(names.map((name) => [name, `content of ${name}`]));
  const project = await makeProjectWithKey(files);
  await project.done(["seal", ...names, "--id", "one", "--names", "posix", ...options]);
  return project;
}

describe.concurrent("runseal export refuses", () => {
  it("a run whose tree differs from the sealed one", async () => {
    using project = await makeProjectWithKey({ "out/a.txt": "alpha\n" });
    symlinkSync("a.txt", project.at("out/link"));
    await project.done(["seal", "out", "--id", "one"]);
    symlinkSync("elsewhere", project.at("out/new"));
    await exportAll(project);
    expect(namesIn(project.at("evidence"))).toContain("SHA256SUMS");
    rmSync(project.at("out/link"));
    const facts = await refused(project, ["export", "one", "--format", "all", "-o", "more"]);
    expect(facts).toMatchObject({ code: "TREE_ENTRY_MISSING", exit_code: 1 });
  });

  it("names for signify that it would read as others", async () => {
    const names = [
      "plain",
      "a\nb",
      "a\rb",
      "tab\t",
      "bell\u0007",
      "a)b",
      `${"d".repeat(250)}/`.repeat(4) + "long".repeat(20),
    ];
    using project = await sealedAs(names);
    const facts = await refused(project, ["export", "one", "-o", "evidence", "--format", "signify"]);
    expect(facts).toMatchObject({ code: "EXPORT_REFUSED", exit_code: 2 });
    expect(facts["details"]).toEqual({
      reason: "names",
      format: "signify",
      names: names.filter((name) => name !== "plain").sort(),
      more: 0,
    });
    expect(await refused(project, ALL)).toMatchObject({ details: { format: "signify" } });
  });

  it("at most twenty such names one by one, and counts the others", async () => {
    using project = await sealedAs(Array.from({ length: 25 }, (_, index) => `(${index + 10})`));
    const facts = await refused(project, ["export", "one", "-o", "evidence", "--format", "signify"]);
    expect(facts["message"]).toMatch(/"\(29\)" and 5 others$/);
    expect(facts["details"]).toMatchObject({ more: 5 });
  });

  it.each(["bundle-root", "OUTPUT_HASHES.json", "SHA256SUMS"])(
    "a statement about an output %s, which would be taken for another subject",
    async (name) => {
      using project = await sealedAs(["plain", name]);
      for (const format of ["dsse", "sigstore"]) {
        const facts = await refused(project, ["export", "one", "-o", "evidence", "--format", format]);
        expect(facts).toMatchObject({
          code: "EXPORT_REFUSED",
          details: { reason: "names", format, names: [name], more: 0 },
        });
      }
      await project.json(["export", "one", "-o", "evidence", "--format", "sshsig,minisign,signify,link"]);
    },
  );

  it("a list with an output -, for which sha256sum reads standard input", async () => {
    using project = await makeProjectWithKey({ "-": "dash", plain: "plain" });
    await project.done(["seal", "plain", "./-", "--id", "one"]);
    for (const format of ["sums", "sshsig", "minisign", "dsse", "sigstore"]) {
      const facts = await refused(project, ["export", "one", "-o", "evidence", "--format", format]);
      expect(facts).toMatchObject({
        code: "EXPORT_REFUSED",
        details: { reason: "names", format, names: ["-"], more: 0 },
      });
    }
    const { stderr } = await project.run(["export", "one", "-o", "evidence", "--format", "sums"]);
    expect(stderr).toMatch(/reads standard input for the name -; choose signify or link/);
    const made = await project.json(["export", "one", "-o", "evidence", "--format", "signify,link"]);
    for (const format of ["signify", "link"] as const) {
      if (!JUDGED_FORMATS.includes(format)) continue;
      expectAccepted(made, format, project.root);
      writeFileSync(project.at("-"), "changed");
      expectRejected(made, format, project.root, "a changed file -");
      writeFileSync(project.at("-"), "dash");
    }
  });

  it.each(["dsse", "sigstore", "link"])(
    "a run id that makes a file name of %s too long, before anything is signed",
    async (format) => {
      using project = await makeProjectWithKey({ a: "a" });
      const runId = "é".repeat(126);
      await project.done(["seal", "a", "--id", runId]);
      const args = ["export", runId, "--format", `sshsig,${format}`, "-o", "evidence"];
      const facts = await refused(project, [...args, "--key", "missing.key"]);
      expect(facts).toMatchObject({
        code: "EXPORT_REFUSED",
        exit_code: 2,
        details: { reason: "name-too-long", format },
      });
      expect(facts["message"]).toContain("more than 255 bytes");
      await project.json(["export", runId, "--format", "sshsig", "-o", "evidence"]);
      expect(namesIn(project.at("evidence"))).toContain("SHA256SUMS.sig");
    },
  );

  it("a message that an ssh-agent can't sign, and signs what it can", async () => {
    const deep = `${"d".repeat(250)}/`.repeat(3);
    const names = Array.from({ length: 400 }, (_, index) => `${deep}${index}`);
    using project = await makeProjectWithKey(Object.fromEntries(names.map((name) => [name, ""])));
    await project.done(["seal", "d".repeat(250), "--id", "one"]);
    await using agent = await RealAgent.start();
    agent.addNew("exporter");
    const env = { ...project.env, SSH_AUTH_SOCK: agent.socket };
    const by = ["--key", "agent:", "-o", "evidence"];
    for (const format of ["signify", "dsse", "sigstore", "link"]) {
      const facts = await refused(project, ["export", "one", "--format", format, ...by], env);
      expect(facts, format).toMatchObject({
        code: "SIGNER_FAILED",
        details: { reason: "agent-too-large" },
        exit_code: 4,
      });
    }
    const made = await project.json(["export", "one", "--format", "sshsig,minisign", ...by], { env });
    expect(made).toMatchObject({ ok: true });
  });
});

describe.concurrent("runseal export", () => {
  it("prints the list without a format and -o, opens no key and writes nothing", async () => {
    using project = await makeSealedProject();
    rmSync(`${project.config}/runseal/keys`, { recursive: true });
    const { stdout } = await project.changesNothing(["export", "one"]);
    expect(stdout).toMatch(/^[0-9a-f]{64} {2}out\/a\.txt\n/);
    expect(stdout).toContain("  out/b.txt\n");
    expect(await project.json(["export", "one"])).toMatchObject({
      exporter: null,
      folder: null,
      files: [{ name: "SHA256SUMS", bytes: stdout.length, sha256: sha256(Buffer.from(stdout)) }],
      commands: [],
    });
    expect(await project.changesNothing(["export", "one", "-o", "-"])).toMatchObject({ stdout });
  });

  it("makes the folders above the one that -o names", async () => {
    using project = await makeSealedProject();
    const deep = await project.json(["export", "one", "--format", "sums", "-o", "a/b/c"]);
    expect(commandOf(deep, "sums")).toBe("sha256sum --check --strict --quiet './a/b/c/SHA256SUMS'");
  });

  it("gives each format once, whatever the order and repetition", async () => {
    using project = await makeSealedProject();
    const facts = await project.json([
      "export",
      "one",
      "--format",
      "link,sums",
      "--format",
      "sums",
      "-o",
      "evidence",
    ]);
    const formats = (facts["commands"] as readonly { format: string }[]).map(({ format }) => format);
    expect(formats).toEqual(["sums", "link"]);
  });

  it("writes the same bytes again for the same run and key", async () => {
    using project = await makeSealedProject();
    await exportAll(project);
    await exportAll(project, ["-o", "again"]);
    const names = namesIn(project.at("evidence"));
    expect(namesIn(project.at("again"))).toEqual(names);
    for (const name of names)
      expect(readFileSync(project.at("again", name)), name).toEqual(
        readFileSync(project.at("evidence", name)),
      );
  });

  it("exports what the store has, without the files", async () => {
    using project = await makeSealedProject();
    rmSync(project.at("out"), { recursive: true });
    const { exitCode, stderr, stdout } = await project.run(["export", "one"]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain("  out/a.txt\n");
    expect(stderr).toContain(
      "note: the files here are not as they were sealed: this is about what the store holds",
    );
    rmSync(project.at(".runseal/packs"), { recursive: true });
    expect(await project.json(["export", "one"])).toMatchObject({ code: "OUTPUT_MISSING" });
  });

  it("signs with another key than the sealer's, and says who did what", async () => {
    using project = await makeSealedProject();
    writeFileSync(project.at("second.key"), `${SECOND_SEED}\n`, { mode: 0o600 });
    const facts = await exportAll(project, ["--key", "second.key"]);
    const { exporter, signer } = facts as { exporter: { key_id: string }; signer: { key_id: string } };
    expect(exporter.key_id).not.toBe(signer.key_id);
  });

  it("prints lines of which a shell takes no part for itself", async () => {
    using project = await makeSealedProject();
    const folder = "-o $(touch x) 'y' ;`z`";
    const facts = await project.json(["export", "one", "--format", "sums,minisign", `--out=${folder}`]);
    expect(facts).toMatchObject({ ok: true, folder });
    expect(judge(facts, "sums", project.root)).toEqual({ status: 0, text: "" });
    expect(namesIn(project.root)).not.toContain("x");
  });

  itWith("sha256sum")("lists names that need escapes as sha256sum does", async () => {
    using project = await sealedAs(["a\nb", "a\rb", " c ", "\n"]);
    const facts = await project.json(["export", "one", "--format", "sums", "-o", "evidence"]);
    expect(judge(facts, "sums", project.root)).toEqual({ status: 0, text: "" });
    writeFileSync(project.at("a\nb"), "changed");
    expect(judge(facts, "sums", project.root).status).toBe(1);
  });

  it("shows a run's name and folder without what a terminal acts on", async () => {
    using project = await makeSealedProject();
    const { exitCode, stdout } = await project.run([
      "export",
      "one",
      "--format",
      "sums",
      "-o",
      "a\u001b[2Jb",
    ]);
    expect(exitCode).toBe(0);
    expect(stdout).not.toContain("\u001b");
  });
});
