import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ACTION, REPOSITORY, runAction, type StepEnd } from "../../support/ci/workflow-runner.ts";
import { makeProject, makeSealedProject, namesIn, type Project } from "../../support/command/cli.ts";

/** Runs the action in a project, as its user. */
function act(project: Project, inputs: Readonly<Record<string, string>>): StepEnd {
  return runAction(inputs, project.root, { folder: project.folder, env: project.env });
}

const RUN = { mode: "run", paths: "dist", id: "two" };
const MAKE = "mkdir dist; echo made > dist/a";

describe("action.yml", () => {
  it("is valid by the schema of GitHub", () => {
    const { status, stdout, stderr } = spawnSync("npx", ["action-validator", "action.yml"], {
      cwd: REPOSITORY,
      encoding: "utf8",
    });
    expect(status, stdout + stderr).toBe(0);
  });

  it("has no expression inside of a script, and hands over each input as a variable", () => {
    const { inputs, runs } = ACTION;
    const [, last] = runs.steps;
    for (const { run = "" } of runs.steps) expect(run).not.toContain("${{");
    const handed = Object.entries(last?.env ?? {});
    expect(handed.map(([, value]) => value)).toEqual(
      Object.keys(inputs).map((name) => `\${{ inputs.${name} }}`),
    );
    for (const [name, value] of handed)
      expect(value).toBe(`\${{ inputs.${name.slice(6).toLowerCase().replaceAll("_", "-")} }}`);
  });
});

describe("the action: run and seal", () => {
  it("runs a command, leaves an unsigned bundle, and says where", () => {
    using project = makeProject({});
    const end = act(project, { ...RUN, command: `${MAKE}; echo hello` });
    expect(end).toMatchObject({
      exitCode: 0,
      commands: [],
      outputs: { "run-id": "two", path: ".runseal/unsigned/two", code: "OK" },
    });
    expect(end.log).toContain("\nhello\n");
    expect(namesIn(project.at(".runseal/unsigned"))).toEqual(["two"]);
    expect(end.summary).toContain("runseal run: sealed without a signature");
  });

  it("seals files that are there", () => {
    using project = makeProject();
    const end = act(project, { mode: "seal", paths: "out/a.txt\n  out/b.txt  \n", id: "two" });
    expect(end).toMatchObject({ exitCode: 0, outputs: { path: ".runseal/unsigned/two" } });
    expect(end.summary).toContain("<tr><td>Files</td><td><code>2 (11 bytes)</code></td></tr>");
  });

  it("hears no command of the runner in what the foreign code prints", () => {
    using project = makeProject({});
    const lines = [
      "::error::forged",
      "::set-output name=bundle-root::forged",
      "::stop-commands::x",
      "::x::",
      "##[error]forged",
    ];
    const print = lines.map((line) => `echo '${line}'; echo '${line}' >&2`).join("; ");
    const end = act(project, { ...RUN, command: `${MAKE}; ${print}; printf '::error::no line end'` });
    expect(end).toMatchObject({ exitCode: 0, commands: [] });
    for (const line of lines) expect(end.log).toContain(line);
    expect(end.outputs["bundle-root"]).toBeUndefined();
  });

  it("gives the foreign code neither inputs nor the files and tokens of the step", () => {
    using project = makeProject({});
    act(project, { ...RUN, command: `${MAKE}; env > dist/env` });
    const env = readFileSync(project.at("dist/env"), "utf8");
    expect(env).toContain("PATH=");
    expect(env).not.toMatch(/^(?:INPUT_|ACTIONS_|GITHUB_(?:OUTPUT|STEP_SUMMARY|ENV|PATH|STATE)=)/m);
  });

  it("holds neither inputs nor files and tokens of the step in the environment of a process above", () => {
    using project = makeProject({});
    const above =
      'p=$$; while [ "$p" -gt 1 ]; do tr "\\0" "\\n" < /proc/$p/environ; read -r _ _ _ p _ < /proc/$p/stat; done';
    const end = act(project, { ...RUN, command: `${MAKE}; (${above}) > dist/above` });
    expect(end).toMatchObject({ exitCode: 0, outputs: { "run-id": "two", code: "OK" } });
    const seen = readFileSync(project.at("dist/above"), "utf8");
    expect(seen.split("\n").filter((line) => line.startsWith("RUNNER_TEMP=")).length).toBeGreaterThan(2);
    const secret = /^(?:INPUT_|ACTIONS_|GITHUB_(?:OUTPUT|STEP_SUMMARY|ENV|PATH|STATE)=)/;
    expect(seen.split("\n").filter((line) => secret.test(line))).toEqual([]);
  });

  it.each([0, 3])(
    "hears no command of a process left behind that prints on the pipe of the step (exit %i)",
    (code) => {
      using project = makeProject({});
      const late = [
        "read -r _ _ _ up _ < /proc/$PPID/stat; exec 9> /proc/$up/fd/1",
        "setsid sh -c 'while kill -0 '$up' 2> /dev/null; do echo ::error::during; sleep 0.01; done; echo ::error::late' >&9 2> /dev/null < /dev/null &",
      ];
      const end = act(project, { ...RUN, command: [MAKE, ...late, `exit ${code}`].join("\n") });
      expect(end.exitCode).toBe(code);
      expect(end.log).toContain("::error::late");
      const ours = expect.stringMatching(/^::error title=runseal%3A COMMAND_FAILED::/);
      expect(end.commands).toEqual(code === 0 ? [] : [ours]);
    },
  );

  it("passes nothing on from a process that the command leaves behind", () => {
    using project = makeProject({});
    const late = "(sleep 3; echo ::error::late) & ";
    const end = act(project, { ...RUN, command: `${MAKE}; ${late}` });
    expect(end).toMatchObject({ exitCode: 0, commands: [] });
    expect(end.log).not.toContain("late");
  });

  it("ends with the exit code of a command that fails, and annotates it", () => {
    using project = makeProject({});
    const end = act(project, { ...RUN, command: "exit 3" });
    expect(end).toMatchObject({ exitCode: 3, outputs: { code: "COMMAND_FAILED" } });
    expect(end.commands).toEqual([expect.stringMatching(/^::error title=runseal%3A COMMAND_FAILED::/)]);
    expect(end.summary).toContain("<h3>❌ runseal run: COMMAND_FAILED</h3>");
  });

  it("has no empty table in the summary of a seal that made nothing", () => {
    using project = makeProject({});
    const { summary } = act(project, { mode: "seal", paths: "gone", id: "two" });
    expect(summary).toContain("<h3>❌ runseal seal: PATH_NOT_FOUND</h3>");
    expect(summary).not.toContain("<table>");
  });

  it("takes no value for an option or a part of a script", () => {
    using project = makeProject({ "--json": "x", "$(touch evil)": "y" });
    const end = act(project, { mode: "seal", paths: "--json\n$(touch evil)\n", id: "two" });
    expect(end).toMatchObject({ exitCode: 0, outputs: { "run-id": "two" } });
    expect(namesIn(project.root)).not.toContain("evil");
  });
});

describe("the action: sign", () => {
  it("signs what another job left, by a key from a secret that no log shows", async () => {
    using project = await makeSealedProject();
    const key = readFileSync(join(project.config, "runseal/keys/default.key"), "utf8");
    act(project, { mode: "seal", paths: "out", id: "two" });
    mkdirSync(project.at("release"));
    const end = act(project, {
      mode: "sign",
      bundle: ".runseal/unsigned/two",
      files: ".",
      project: "release",
      key,
    });
    expect(end).toMatchObject({
      exitCode: 0,
      outputs: { "run-id": "two", path: "release/.runseal/runs/two", code: "OK" },
    });
    expect(end.outputs["bundle-root"]).toMatch(/^[0-9a-f]{64}$/);
    expect(end.log).not.toContain(key.trim().split("\n").at(-1));
  });

  it("takes the passphrase of an encrypted key", async () => {
    using project = makeProject();
    const env = { ...project.env, RUNSEAL_PASSPHRASE: "correct horse" };
    await project.done(["init", "--name", "ci"], { env });
    const key = readFileSync(join(project.config, "runseal/keys/ci.key"), "utf8");
    act(project, { mode: "seal", paths: "out", id: "two" });
    const inputs = { mode: "sign", bundle: "two", key };
    expect(act(project, { ...inputs, passphrase: "wrong" })).toMatchObject({
      outputs: { code: "PASSPHRASE_UNUSABLE" },
    });
    expect(act(project, { ...inputs, passphrase: "correct horse" })).toMatchObject({ exitCode: 0 });
  });

  it("refuses outputs that changed since, and writes no bundle", async () => {
    using project = await makeSealedProject();
    const key = readFileSync(join(project.config, "runseal/keys/default.key"), "utf8");
    act(project, { mode: "seal", paths: "out", id: "two" });
    writeFileSync(project.at("out/a.txt"), "other\n");
    const end = act(project, { mode: "sign", bundle: "two", key });
    expect(end).toMatchObject({ exitCode: 1, outputs: { code: "HASH_MISMATCH" } });
    expect(namesIn(project.at(".runseal/runs"))).toEqual(["one"]);
  });
});

describe("the action: verify", () => {
  it("accepts a bundle of a trusted signer, with test cases and a report", async () => {
    using project = await makeSealedProject();
    const end = act(project, { mode: "verify", bundle: "one", junit: "junit.xml", report: "report.html" });
    expect(end).toMatchObject({
      exitCode: 0,
      commands: [],
      outputs: { path: "one", "run-id": "one", code: "OK" },
    });
    expect(end.summary).toContain("<h3>✅ runseal verify: accepted</h3>");
    expect(namesIn(project.root)).toEqual(expect.arrayContaining(["junit.xml", "report.html"]));
  });

  it("annotates each difference, and keeps hostile names as text", async () => {
    const names = [
      "a%0A::error::b",
      "<img src=x>|`*_@team #1 www.e.example",
      "x,y:z",
      "\u202ecod.exe",
      "l\n::error::m",
    ];
    using project = makeProject(Object.fromEntries(names.map((name) => [`out/${name}`, name])));
    await project.done(["init", "--name", "default", "--no-passphrase"]);
    await project.done(["seal", "out", "--names", "posix", "--id", "one"]);
    for (const name of names) writeFileSync(project.at("out", name), "changed");
    const end = act(project, { mode: "verify", bundle: "one" });
    expect(end).toMatchObject({ exitCode: 1, outputs: { code: "HASH_MISMATCH" } });
    expect(end.commands).toHaveLength(1 + names.length);
    expect(end.commands).toContainEqual(
      '::error title=runseal%3A HASH_MISMATCH,file=out/x%2Cy%3Az::"out/x,y:z" is not as it was sealed',
    );
    for (const command of end.commands)
      expect(command).toMatch(/^::error title=runseal%3A HASH_MISMATCH[^\u202e\n]*$/);
    const { summary } = end;
    expect(summary).toContain("<code>out/&lt;img src=x&gt;|`*_@team #1 www.e.example</code>");
    expect(summary).toContain("<code>out/\\u{202e}cod.exe</code>");
    expect(summary).not.toContain("<img");
    // Markdown would begin again behind an empty line.
    expect(summary).not.toMatch(/\n\n/);
    expect(summary.split("\n").every((line) => line === "" || line.startsWith("<"))).toBe(true);
  });

  it("fails for a signer that is not trusted", async () => {
    using project = await makeSealedProject();
    writeFileSync(project.at("empty.txt"), "");
    const end = act(project, { mode: "verify", bundle: "one", trust: "empty.txt" });
    expect(end).toMatchObject({ exitCode: 3, outputs: { code: "SIGNER_UNKNOWN" } });
  });

  it("fails for a root that is not the expected one, and for files that were not sealed", async () => {
    using project = await makeSealedProject();
    const other = { mode: "verify", bundle: "one", expect: "0".repeat(64) };
    expect(act(project, other)).toMatchObject({ exitCode: 1, outputs: { code: "EXPECTATION_FAILED" } });
    writeFileSync(project.at("out/new"), "");
    expect(act(project, { mode: "verify", bundle: "one", exact: "true" })).toMatchObject({
      outputs: { code: "TREE_EXTRA" },
    });
  });
});

describe("the action: inputs", () => {
  it.each([
    ["no mode", {}, "mode is run, seal, sign or verify"],
    ["another mode", { mode: "toString" }, "mode is run, seal, sign or verify"],
    [
      "a key for foreign code",
      { ...RUN, command: "true", key: "secret" },
      "key belongs to the mode sign, not to run: a job that runs other code must not have it",
    ],
    [
      "a passphrase for a seal",
      { mode: "seal", paths: "out", passphrase: "x" },
      "passphrase belongs to the mode sign",
    ],
    [
      "a command for a verification",
      { mode: "verify", bundle: "one", command: "true" },
      "command belongs to the mode run",
    ],
    ["no bundle", { mode: "verify" }, "the mode verify needs bundle"],
    ["no signer", { mode: "sign", bundle: "one" }, "the mode sign needs a key or a signer-command"],
    ["two signers", { mode: "sign", bundle: "one", key: "k", "signer-command": "c" }, "and not both"],
    ["a flag of another value", { mode: "verify", bundle: "one", exact: "yes" }, "exact is true or false"],
  ])("refuses %s, and calls nothing", (_what, inputs, message) => {
    using project = makeProject();
    const end = act(project, inputs);
    expect(end).toMatchObject({ exitCode: 2, outputs: {}, summary: "" });
    expect(end.commands).toEqual([expect.stringContaining(`::error title=runseal::`)]);
    expect(end.commands[0]).toContain(message);
    expect(end.commands.join("")).not.toContain("secret");
    expect(namesIn(project.root)).toEqual(["out"]);
    rmSync(project.at("out"), { recursive: true });
  });
});
