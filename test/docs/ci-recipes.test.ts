import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import {
  COMPONENT_INPUTS,
  type Job,
  type JobEnd,
  jobOf,
  runGitlabJob,
  TEMPLATE,
} from "../support/ci/component-runner.ts";
import {
  ACTION,
  REPOSITORY,
  runJob,
  type Surroundings,
  type Workflow,
} from "../support/ci/workflow-runner.ts";
import { MAIN, makeProject, namesIn, Project } from "../support/command/cli.ts";

const page = readFileSync(join(REPOSITORY, "docs/ci.md"), "utf8");

/** The block that stands behind a mark in the page. */
function recipe(name: string): string {
  const [, block] = new RegExp(`<!-- tested: ${name} -->\n\`\`\`[a-z]+\n(.*?)\`\`\``, "s").exec(page) ?? [];
  if (block === undefined) throw new TypeError(`docs/ci.md has no recipe ${name}`);
  return block;
}

/** What a component's job installs. */
interface Packed extends Readonly<Record<string, unknown>> {
  readonly package: string;
  readonly "package-digest": string;
}

const NOT_INSTALLED: Packed = { package: "none.tgz", "package-digest": "0".repeat(64) };

/** A job of the component. */
function componentJob(inputs: Readonly<Record<string, unknown>>, packed = NOT_INSTALLED): Job {
  return jobOf({ ...inputs, ...packed }).job;
}

/** Packs a package of this name that has nothing but its name, and scripts that must not run. */
function packName(folder: string, name: string): Packed {
  const scripts = { prepack: "touch ran", preinstall: "touch ran", postinstall: "touch ran" };
  mkdirSync(join(folder, "package"), { recursive: true });
  writeFileSync(join(folder, "package/package.json"), JSON.stringify({ name, version: "1.0.0", scripts }));
  const path = join(folder, `${name}.tgz`);
  expect(spawnSync("tar", ["-czf", path, "-C", folder, "package"]).status).toBe(0);
  return { package: path, "package-digest": createHash("sha256").update(readFileSync(path)).digest("hex") };
}

/** A person with a key, a repository with a line of runs and a trust file, and programs in place of npm and runseal. */
class CiScene extends Project {
  readonly remote: string = join(this.folder, "remote.git");
  readonly jobEnv: Readonly<Record<string, string>>;
  readonly packed: Packed = packName(join(this.folder, "packed"), "runseal");
  key = "";

  constructor() {
    super();
    const bin = join(this.folder, "bin");
    mkdirSync(join(bin, "node_modules"), { recursive: true });
    mkdirSync(join(this.folder, "ci-home"));
    symlinkSync(REPOSITORY, join(bin, "node_modules/runseal"));
    this.#program(
      "npm",
      `case "$1" in run) mkdir dist && echo app > dist/app.js && chmod +x dist/app.js;; pack) cp "$7" "$6";; root) echo "${bin}/node_modules";; esac`,
    );
    this.#program("runseal", `exec node "${MAIN}" "$@"`);
    const { PATH = "" } = this.env;
    this.jobEnv = { PATH: `${bin}:${PATH}`, HOME: join(this.folder, "ci-home"), LINE_URL: this.remote };
  }

  /** Makes the key and the two branches. */
  async prepare(): Promise<void> {
    await this.done(["init", "--name", "ci", "--no-passphrase"]);
    this.key = readFileSync(join(this.config, "runseal/keys/ci.key"), "utf8");
    const { public_key: publicKey } = await this.json(["key", "show", "ci"]);
    await this.done(["trust", "add", "ci", String(publicKey), "--trust", "signers.txt"]);
    const git = "git -c user.name=a -c user.email=a@example.org -c init.defaultBranch=main";
    this.#shell(
      `${git} init -q && ${git} add signers.txt && ${git} commit -q -m main && ${git} switch -q --orphan seals && ` +
        `${git} commit -q --allow-empty -m seals && ${git} switch -q main && git clone -q --bare . "${this.remote}"`,
    );
  }

  /** Names of runs in the line that the remote repository has. */
  sealedRuns(): readonly string[] {
    return this.#shell(`git -C "${this.remote}" ls-tree --name-only seals .runseal/runs/`).trim().split("\n");
  }

  #program(name: string, script: string): void {
    const path = join(this.folder, "bin", name);
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
  }

  #shell(script: string): string {
    const { status, stderr, stdout } = spawnSync("bash", ["--noprofile", "--norc", "-ec", script], {
      cwd: this.root,
      env: { ...this.env },
      encoding: "utf8",
    });
    expect(status, stderr).toBe(0);
    return stdout;
  }
}

describe("docs/ci.md: GitHub", () => {
  it("is a workflow by the schema of GitHub", () => {
    using project = makeProject({ "release.yml": recipe("github") });
    const { status, stderr, stdout } = spawnSync("npx", ["action-validator", project.at("release.yml")], {
      cwd: REPOSITORY,
      encoding: "utf8",
    });
    expect(status, stdout + stderr).toBe(0);
  });

  it("gives the key to the one job that runs no foreign code", () => {
    const { jobs } = parse(recipe("github")) as Workflow;
    const withSecret = Object.entries(jobs).filter(([, job]) => JSON.stringify(job).includes("secrets."));
    expect(withSecret.map(([name]) => name)).toEqual(["sign"]);
    const modes = Object.values(jobs).map(({ steps }) =>
      steps.flatMap(({ with: given }) => given?.["mode"] ?? []),
    );
    expect(modes).toEqual([["run"], ["sign"], ["verify"]]);
  });

  it("builds, signs into the line, and verifies what the line has", async () => {
    using scene = new CiScene();
    await scene.prepare();
    const { env: _, folder } = scene;
    const surroundings: Surroundings = {
      folder,
      env: scene.jobEnv,
      remote: scene.remote,
      secrets: { RUNSEAL_KEY: scene.key },
    };
    const workflow = parse(recipe("github")) as Workflow;
    for (const name of ["build", "sign", "verify"]) {
      const ends = runJob(workflow, name, surroundings);
      expect(ends.at(-1), ends.map(({ log }) => log).join("")).toMatchObject({ exitCode: 0 });
    }
    expect(scene.sealedRuns()).toEqual([".runseal/runs/build-4711-1"]);
    const report = readFileSync(join(folder, "workspace-verify/report.html"), "utf8");
    expect(report).toContain("Each file is as it was sealed, and the signer is trusted.");
  }, 120_000);

  it("lists the modes and inputs of action.yml", () => {
    for (const name of Object.keys(ACTION.inputs)) expect(page, name).toContain(`\`${name}\``);
  });
});

describe("docs/ci.md: GitLab", () => {
  interface Pipeline extends Readonly<Record<string, unknown>> {
    readonly include: readonly { readonly inputs: Readonly<Record<string, unknown>> }[];
    readonly line: Job;
    readonly publish: Job;
  }

  it("has inputs in values of variables only, never in a script", () => {
    const job = Object.entries(TEMPLATE).find(([name]) => !name.startsWith("."))?.[1];
    if (job === undefined) throw new TypeError("the template has a job");
    for (const line of [...job.script, ...(job.before_script ?? [])]) expect(line).not.toContain("$[[");
    for (const { expand } of Object.values(job.variables ?? {})) expect(expand).toBe(false);
  });

  it("has the inputs of the action, but for a secret and what GitLab names otherwise", () => {
    const elsewhere = ["key", "passphrase", "junit"];
    const wanted = Object.keys(ACTION.inputs).filter((name) => !elsewhere.includes(name));
    expect(Object.keys(COMPONENT_INPUTS)).toEqual(expect.arrayContaining(wanted));
  });

  it("builds, signs into the line, and verifies, with the key in one job", async () => {
    using scene = new CiScene();
    await scene.prepare();
    const pipeline = parse(recipe("gitlab")) as Pipeline;
    const jobs = new Map(
      pipeline.include.map(({ inputs }) => [String(inputs["mode"]), componentJob(inputs, scene.packed)]),
    );
    const artifacts = join(scene.folder, "artifacts");
    const run = (
      name: string,
      job: Job | undefined,
      env: Readonly<Record<string, string>>,
      inherited: Readonly<Record<string, string>> = {},
    ): JobEnd => {
      if (job === undefined) throw new TypeError(`there is no job ${name}`);
      const cwd = join(scene.folder, name);
      cpSync(scene.root, cwd, { recursive: true });
      cpSync(artifacts, cwd, { recursive: true });
      const end = runGitlabJob(job, cwd, { ...scene.jobEnv, ...env }, inherited);
      for (const path of end.exitCode === 0 ? (job.artifacts?.paths ?? []) : [])
        cpSync(join(cwd, path), join(artifacts, path), { recursive: true });
      return end;
    };
    mkdirSync(artifacts);
    const key = { RUNSEAL_SIGNING_KEY: scene.key };

    expect(run("leaky", jobs.get("run"), key)).toMatchObject({
      exitCode: 2,
      log: expect.stringContaining("a job that runs other code must not have it"),
    });
    const built = run("build", jobs.get("run"), {});
    expect(built, built.log).toMatchObject({ exitCode: 0 });
    expect(run("line", pipeline.line, {})).toMatchObject({ exitCode: 0 });
    const signed = run("sign", jobs.get("sign"), key, built.dotenv);
    expect(signed, signed.log).toMatchObject({ exitCode: 0 });
    const verified = run("verify", jobs.get("verify"), {}, { ...built.dotenv, ...signed.dotenv });
    expect(verified, verified.log).toMatchObject({ exitCode: 0 });
    expect(verified.log).toContain(`root  ${signed.dotenv["RUNSEAL_BUNDLE_ROOT"]}\n`);
    expect(readFileSync(join(scene.folder, "verify/runseal-junit.xml"), "utf8")).toContain(
      'failures="0" errors="0"',
    );
    expect(run("publish", pipeline.publish, { CI_PIPELINE_ID: "1" })).toMatchObject({ exitCode: 0 });
    expect(scene.sealedRuns()).toEqual([`.runseal/runs/${signed.dotenv["RUNSEAL_RUN_ID"]}`]);
  }, 120_000);

  it("lets foreign code put no variable into the job that has the key", async () => {
    using scene = new CiScene();
    await scene.prepare();
    const steal = 'require("fs").writeFileSync("stolen", process.env.RUNSEAL_SIGNING_KEY ?? "")';
    const evil = ["NODE_OPTIONS=--require=./dist/evil.cjs", "INPUT_PACKAGE=evil.tgz"];
    const command = [
      `mkdir dist; echo '${steal}' > dist/evil.cjs; printf '%s\\n' '${evil.join("' '")}' > evil.env`,
      "mkfifo runseal.env",
      "setsid sh -c 'timeout 20 cat runseal.env; mv evil.env runseal.env' < /dev/null > /dev/null 2>&1 &",
    ].join("\n");
    const run = componentJob({ mode: "run", paths: "dist", command }, scene.packed);
    const built = runGitlabJob(run, scene.root, scene.jobEnv);
    expect(built, built.log).toMatchObject({ exitCode: 0 });
    mkdirSync(scene.at("release"));
    const job = componentJob({ mode: "sign", files: ".", project: "release" }, scene.packed);
    const key = { ...scene.jobEnv, RUNSEAL_SIGNING_KEY: scene.key };
    const signed = runGitlabJob(job, scene.root, key, built.dotenv);
    expect(built.dotenv).toEqual({});
    expect(readdirSync(scene.root)).not.toContain("stolen");
    expect(signed, signed.log).toMatchObject({ exitCode: 0 });
    expect(lstatSync(scene.at("runseal.env")).isFile()).toBe(true);
  }, 60_000);

  it.each([
    [
      "two bundles",
      { ".runseal/unsigned/a/x": "", ".runseal/unsigned/b/x": "" },
      "needs bundle: .runseal/unsigned has 2",
    ],
    [
      "a file in the place of its report",
      { ".runseal/unsigned/a/x": "", "runseal.env": "" },
      "can't be made: EEXIST",
    ],
  ])("signs nothing with %s", (_what, files, message) => {
    using scene = new CiScene();
    scene.write(files);
    const job = componentJob({ mode: "sign" });
    const env = { ...scene.jobEnv, RUNSEAL_SIGNING_KEY: "key" };
    const end = runGitlabJob({ ...job, before_script: [] }, scene.root, env);
    expect(end).toMatchObject({ exitCode: 2, log: expect.stringContaining(message) });
  });

  it("reads no report of tests from a job that runs foreign code", () => {
    const reports = ["run", "seal", "sign", "verify"].map(
      (mode) => componentJob({ mode }).artifacts?.reports,
    );
    expect(reports).toEqual([
      undefined,
      undefined,
      { dotenv: "runseal.env" },
      { junit: "runseal-junit.xml" },
    ]);
  });

  it("takes no input for a part of a script or of the template", () => {
    using project = makeProject({});
    const command = 'mkdir dist; printf "%s" "$INPUT_PATHS$(id -u)" > dist/a; : "\n---\n$[[ inputs.id ]]"';
    const job = componentJob({ mode: "run", paths: "dist", id: "a;touch evil", command });
    const { PATH = "" } = project.env;
    const end = runGitlabJob(
      { ...job, before_script: [], script: ['printf "%s|%s" "$INPUT_ID" "$INPUT_COMMAND"'] },
      project.root,
      { PATH },
    );
    expect(end).toMatchObject({ exitCode: 0, log: `a;touch evil|${command}` });
    expect(() => componentJob({ mode: "run", "key-variable": "A[$(id)]" })).toThrow("does not match");
    expect(() => componentJob({ mode: "forge" })).toThrow("options");
  });

  it("installs the tarball with the digest that was named, and no other", () => {
    using project = makeProject({ ".npmrc": "pack-destination=elsewhere\n" });
    const { PATH = "" } = project.env;
    const prefix = join(project.folder, "installed");
    const env = { PATH, HOME: project.folder, npm_config_prefix: prefix };
    const ours = packName(join(project.folder, "ours"), "runseal");
    const theirs = packName(join(project.folder, "theirs"), "stranger");
    const installed = (packed: Packed): readonly unknown[] => {
      const job = { ...componentJob({ mode: "seal" }, packed), script: ["true"] };
      const { exitCode } = runGitlabJob(job, project.root, env);
      return [exitCode, existsSync(join(prefix, "lib/node_modules/runseal"))];
    };
    expect(installed({ ...theirs, "package-digest": ours["package-digest"] })[0]).toBe(1);
    expect(existsSync(prefix)).toBe(false);
    expect(installed(ours)).toEqual([0, true]);
    expect(namesIn(project.root)).toEqual([".npmrc"]);
  }, 60_000);

  it.each(["package", "package-digest"])("has no default for %s: whose bytes get the key is said", (name) => {
    expect(COMPONENT_INPUTS[name]).not.toHaveProperty("default");
  });
});

describe("docs/ci.md: a shell", () => {
  it("builds without a key, signs elsewhere, and verifies by a trust file", async () => {
    using scene = new CiScene();
    await scene.prepare();
    writeFileSync(scene.at("build.sh"), "mkdir dist; echo app > dist/app.js\n");
    const run = (name: string, env: Readonly<Record<string, string>>): void => {
      const { status, stderr, stdout } = spawnSync("bash", ["--noprofile", "--norc", "-ec", recipe(name)], {
        cwd: scene.root,
        env: { ...scene.jobEnv, ...env },
        encoding: "utf8",
        stdio: ["ignore", "pipe", "pipe"],
      });
      expect(status, stdout + stderr).toBe(0);
    };
    run("build", {});
    run("sign", { HOME: scene.env["HOME"] ?? "", XDG_CONFIG_HOME: scene.config });
    run("verify", {});
    expect(readFileSync(scene.at("report.html"), "utf8")).toContain("the signer is trusted");
  }, 60_000);
});
