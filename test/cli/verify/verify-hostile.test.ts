import { mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { canonical, sealBundle, sha256, type TestBundle, writeBundle } from "../../support/bundles/bundle.ts";
import {
  BUNDLE,
  type CliEnd,
  type Facts,
  makeFifo,
  makeProject,
  makeSealedProject,
  makeZeroDevice,
  type Project,
  setMode,
} from "../../support/command/cli.ts";

/** Puts a stranger's bundle beside a root that holds none of its outputs. */
function withStrangersBundle(bundle: TestBundle): Project {
  const project = makeProject({});
  writeBundle(project.root, { ...bundle, outputs: {} });
  return project;
}

function optionsFor(runId: string): readonly string[] {
  return ["verify", `run/${runId}`, "--files", "files", "--any-signer"];
}

async function malformed(project: Project): Promise<Facts> {
  const end = await project.changesNothing(["verify", BUNDLE, "--json"]);
  const facts = JSON.parse(end.stdout) as Facts;
  expect(facts).toMatchObject({ ok: false, code: "ARTIFACT_MALFORMED", phase: "parse", exit_code: 1 });
  return facts;
}

/** Only printable ASCII: nothing that a terminal acts on, no line that a stranger wrote. */
function expectHarmless({ stdout, stderr }: CliEnd): void {
  expect(stdout + stderr).not.toMatch(/[^\n -~…]/);
}

describe.concurrent("runseal verify: hostile artifacts", () => {
  it.each([
    ["STATUS.json", 65 * 2 ** 20, "is beyond the limit of 67108864 bytes"],
    ["OUTPUT_HASHES.json", 2 ** 30 + 1, "is beyond the limit of 1073741824 bytes"],
  ])("does not read a huge %s", async (name, size, words) => {
    using project = await makeSealedProject();
    truncateSync(project.at(BUNDLE, name), size);
    const { exitCode, stderr } = await project.run(["verify", BUNDLE]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`error: ARTIFACT_MALFORMED: ${name} ${words}\n`);
  });

  it("reads one as large as is allowed, and says what is wrong with it", async () => {
    using project = await makeSealedProject();
    truncateSync(project.at(BUNDLE, "STATUS.json"), 64 * 2 ** 20);
    expect(await malformed(project)).toMatchObject({ details: { artifact: "STATUS.json" } });
  });

  it.each([
    ["nested 513 deep", `{"a":${"[".repeat(512)}${"]".repeat(512)}}`, "nested deeper than 512 levels"],
    ["nested 300,000 deep", `{"a":${'{"a":'.repeat(300_000)}`, "nested deeper than 512 levels"],
    ["an integer of a million digits", `{"a":${"9".repeat(1_000_000)}}`, "more than 4300 digits"],
    ["a byte-order mark", "\ufeff{}", "begins with a byte-order mark"],
    ["a lone surrogate", '{"a":"\\ud800"}', "a lone surrogate"],
  ])("refuses an artifact that is %s", async (_what, text, words) => {
    using project = await makeSealedProject();
    project.write({ [`${BUNDLE}/STATUS.json`]: text });
    const { message, details } = await malformed(project);
    expect(message).toContain(`STATUS.json `);
    expect(message).toContain(words);
    expect(details).toEqual({ artifact: "STATUS.json" });
  });

  it("opens nothing that is no regular file: link, folder, FIFO, socket, device", async () => {
    using project = await makeSealedProject();
    const address = project.at(BUNDLE, "PROOF.json");
    const proof = readFileSync(address);
    project.write({ "elsewhere.json": proof });
    const server = createServer();
    const stands: Readonly<Record<string, () => unknown>> = {
      link: () => symlinkSync(project.at("elsewhere.json"), address),
      folder: () => mkdirSync(address),
      fifo: () => makeFifo(address),
      device: () => makeZeroDevice(address) || makeFifo(address),
      socket: () => new Promise<void>((resolve) => server.listen(address, resolve)),
    };
    for (const [what, stand] of Object.entries(stands)) {
      rmSync(address, { recursive: true });
      await stand();
      const facts = await malformed(project);
      expect(facts["message"], what).toBe("PROOF.json is not a regular file");
    }
    server.close();
  });

  it("refuses a second signature beside the first, and what must not be in a run directory", async () => {
    using project = await makeSealedProject();
    for (const [name, code, artifact] of [
      ["Signature.json.bak", "ARTIFACT_EXTRA", "Signature.json.bak"],
      ["transcript.json", "FORBIDDEN_ARTIFACT", "transcript.json"],
      ["logs", "FORBIDDEN_ARTIFACT", "logs/"],
    ] as const) {
      symlinkSync("/nowhere", project.at(BUNDLE, name));
      const facts = await project.json(["verify", BUNDLE]);
      expect(facts).toMatchObject({ code, details: { artifact }, exit_code: 1 });
      rmSync(project.at(BUNDLE, name));
    }
  });

  it("refuses the identity point, with which anybody can sign anything (PROTOCOL 3)", async () => {
    using project = await makeSealedProject();
    const public_key = `01${"0".repeat(62)}`;
    const validator_id = sha256(Buffer.from(public_key, "hex"));
    const identity = canonical({ algorithm: "ed25519", public_key, validator_id });
    project.write({ [`${BUNDLE}/VALIDATOR_IDENTITY.json`]: identity });
    const facts = await project.json(["verify", BUNDLE, "--any-signer"]);
    expect(facts).toMatchObject({ code: "KEY_INVALID", phase: "identity", details: {}, exit_code: 1 });
  });
});

describe.concurrent("runseal verify: hostile output paths (PROTOCOL 9.1)", () => {
  const PASSWD = readFileSync("/etc/passwd", "utf8");
  const UNLAWFUL = [
    "",
    ".",
    "..",
    "/etc/passwd",
    "//etc/passwd",
    "../outside.txt",
    "a/../../outside.txt",
    "./b",
    "a//b",
    "c/",
    "..\\outside.txt",
    "d\u0000",
    "/proc/self/environ",
    "/dev/zero",
    "x".repeat(256),
    `${"y/".repeat(2047)}yyy`,
  ];

  it("looks for none of them, tells no digest, and lists all with --all", async () => {
    const outputs = Object.fromEntries(UNLAWFUL.map((path) => [path, PASSWD]));
    using project = withStrangersBundle(sealBundle({ outputs }));
    project.write({ "outside.txt": PASSWD, "files/a/x": "", "files/b": PASSWD });
    const facts = await project.json([...optionsFor("run-001"), "--all"]);
    expect(facts).toMatchObject({ code: "OUTPUT_MISSING", phase: "outputs", exit_code: 1 });
    expect(facts["message"]).toContain("not a lawful output path; it was not looked for");
    expect(new Set(facts["failures"] as object[])).toEqual(
      new Set(UNLAWFUL.map((path) => ({ code: "OUTPUT_MISSING", path }))),
    );
    const end = await project.run([...optionsFor("run-001"), "--all"]);
    expectHarmless(end);
    expect(end.stdout).toContain('"/etc/passwd"\n');
  });

  it("finds no output in a FIFO, a device, a socket, a folder or a link that leads out, and never hangs", async () => {
    const there = [
      "dangling",
      "fifo",
      "folder",
      "loop",
      "out-link",
      "proc",
      "socket",
      "way-out/passwd",
      "zero",
    ];
    const outputs = Object.fromEntries(there.map((path) => [path, PASSWD]));
    using project = withStrangersBundle(sealBundle({ outputs }));
    const files = project.at("files");
    symlinkSync("nowhere", join(files, "dangling"));
    makeFifo(join(files, "fifo"));
    mkdirSync(join(files, "folder"));
    symlinkSync("loop", join(files, "loop"));
    symlinkSync("/etc/passwd", join(files, "out-link"));
    symlinkSync("/proc/self/environ", join(files, "proc"));
    symlinkSync("/etc", join(files, "way-out"));
    makeZeroDevice(join(files, "zero")); // Where it can't be made, there is nothing under that name.
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(files, "socket"), resolve));
    const facts = await project.json([...optionsFor("run-001"), "--all"]);
    server.close();
    expect(facts).toMatchObject({ code: "OUTPUT_MISSING", exit_code: 1 });
    expect(facts["failures"]).toEqual(there.map((path) => ({ code: "OUTPUT_MISSING", path })));
  });

  it("follows a link that stays inside", async () => {
    using project = withStrangersBundle(sealBundle({ outputs: { "link/f": "hi\n" } }));
    project.write({ "files/real/f": "hi\n" });
    symlinkSync("real", project.at("files", "link"));
    await project.done(optionsFor("run-001"));
  });

  it("shows names of a stranger's choosing escaped, on one line each", async () => {
    const names = [
      "\u001b[2J\u001b[1;1Haccepted",
      "a\naccepted\n",
      "exe\u202etxt",
      "\u009b31mc1",
      'q"\\',
      "é",
    ];
    using project = withStrangersBundle(
      sealBundle({ outputs: Object.fromEntries(names.map((n) => [`o${n}`, ""])) }),
    );
    const end = await project.run([...optionsFor("run-001"), "--all"]);
    expect(end.exitCode).toBe(1);
    expect(end.stdout.split("\n")).toHaveLength(10 + names.length + 1);
    expect((end.stdout + end.stderr).replaceAll("é", "")).not.toMatch(/[^\n -~…]/);
    const json = await project.run([...optionsFor("run-001"), "--all", "--json"]);
    expect(json.stdout.replaceAll("é", "")).not.toMatch(/[^\n -~]/);
    expect(JSON.stringify(JSON.parse(json.stdout))).toContain("exe\u202etxt");
  });

  it("shows a run id and an artifact's name of a stranger's choosing escaped", async () => {
    const runId = "run\u001b[31m\nok";
    using project = withStrangersBundle(sealBundle({ runId, outputs: {}, bind: true }));
    const end = await project.done(optionsFor(runId));
    expectHarmless(end);
    expect(end.stdout).toContain('run      "run\\u{1b}[31m\\nok"\n');
    project.write({ [`run/${runId}/signature\u001b[0m`]: "" });
    const extra = await project.run(optionsFor(runId));
    expect(extra.exitCode).toBe(1);
    expectHarmless(extra);
    expect(extra.stderr).toContain("ARTIFACT_EXTRA");
    project.write({ [`run/${runId}/SIGNED_PAYLOAD.json`]: '{"a":1,"b":2,"c\\u001b[2J":3,"d":4}' });
    const fields = await project.run(optionsFor(runId));
    expect(fields.stderr).toContain("FIELD_EXTRA");
    expectHarmless(fields);
  });
});

describe.concurrent("runseal verify: what can't be read", () => {
  it("gives no verdict on a bundle or an output that is closed to the user", async ({ skip }) => {
    using project = await makeSealedProject();
    if (!(await project.becomeOrdinaryUser())) skip("no ordinary user can run the program here");
    const closed = [
      [BUNDLE, 0o755],
      [`${BUNDLE}/STATUS.json`, 0o644],
      ["out/a.txt", 0o644],
      ["out", 0o755],
    ] as const;
    for (const [path, mode] of closed) {
      setMode(project.at(path), 0);
      const end = await project.run(["verify", BUNDLE, "--json"]);
      expect(JSON.parse(end.stdout), path).toMatchObject({
        code: "READ_FAILED",
        verdict: null,
        exit_code: 4,
      });
      expect(end.stdout).not.toContain(project.folder);
      setMode(project.at(path), mode);
    }
    await project.done(["verify", BUNDLE]);
  });
});
