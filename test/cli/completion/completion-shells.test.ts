import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { MAIN, makeSealedProject, namesIn, type Project } from "../../support/command/cli.ts";

const TYPIST = fileURLToPath(new URL("../../support/command/type-in-shell.py", import.meta.url));

/** How to start a shell without anybody's settings, and to load the completion in it. */
const SHELLS = {
  bash: {
    argv: ["bash", "--norc", "--noprofile", "-i"],
    setup: 'eval "$(runseal completion bash)"',
    term: "dumb",
  },
  zsh: {
    argv: ["zsh", "-f", "-i"],
    setup: 'bindkey -e; autoload -Uz compinit; compinit -D -u; eval "$(runseal completion zsh)"',
    term: "xterm",
  },
} as const;

function has(program: string): boolean {
  return spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;
}

/** A project whose `runseal` is in PATH, with names that a shell would expand, and a program of that name in its folder. */
async function makeHostileProject(): Promise<Project> {
  const project = await makeSealedProject();
  project.write({
    "../bin/runseal": `#!/bin/sh\nexec "${process.execPath}" "${MAIN}" "$@"\n`,
    runseal: "#!/bin/sh\ntouch executed\n",
    "evil/$(touch expanded) `touch expanded`;touch expanded": "",
    "../home/config/runseal/keys/alice@example.org.pub": "",
  });
  chmodSync(join(project.folder, "bin/runseal"), 0o755);
  chmodSync(project.at("runseal"), 0o755);
  mkdirSync(project.at(".runseal/runs/$(touch expanded)"));
  mkdirSync(project.at(".runseal/runs/`touch expanded`"));
  return project;
}

function environmentOf(project: Project, term: string): Readonly<Record<string, string>> {
  return {
    ...project.env,
    PATH: `${join(project.folder, "bin")}:${project.env["PATH"]}`,
    TERM: term,
    LC_ALL: "C.UTF-8",
  };
}

/** Lines that are typed, and the words that the shell takes them for after one Tab. */
const LINES: readonly (readonly [line: string, words: readonly string[]])[] = [
  ["runseal veri", ["runseal", "verify"]],
  ["runseal verify on", ["runseal", "verify", "one"]],
  ["runseal verify one --stor", ["runseal", "verify", "one", "--stored"]],
  ["runseal trust rev", ["runseal", "trust", "revoke"]],
  ["runseal  trust   check  default  --tr", ["runseal", "trust", "check", "default", "--trust"]],
  ["runseal key ex", ["runseal", "key", "export"]],
  ["runseal key rm alice@ex", ["runseal", "key", "rm", "alice@example.org"]],
  ["runseal export --format=sigst", ["runseal", "export", "--format=sigstore"]],
  ["runseal explain HASH_", ["runseal", "explain", "HASH_MISMATCH"]],
  ["runseal seal out/a", ["runseal", "seal", "out/a.txt"]],
  ["runseal verify $", ["runseal", "verify", "$"]],
  ["runseal seal evil/", ["runseal", "seal", "evil/$(touch expanded) `touch expanded`;touch expanded"]],
  ["./runseal veri", ["./runseal", "verify"]],
];

describe("completion in a real shell", () => {
  it.for(["bash", "zsh"] as const)(
    "%s completes commands, runs, keys, codes, formats and files, and runs nothing that they name",
    async (name, { skip }) => {
      if (!has(name) || !has("python3")) return skip(`${name} or python3 is not installed`);
      using project = await makeHostileProject();
      const { argv, setup, term } = SHELLS[name];
      const order = {
        argv,
        setup,
        cwd: project.root,
        env: environmentOf(project, term),
        lines: LINES.map(([line]) => line),
      };
      const typed = spawnSync("python3", [TYPIST], { input: JSON.stringify(order), encoding: "utf8" });
      expect(typed.stderr).toBe("");
      const words: unknown = JSON.parse(typed.stdout);
      expect(words).toEqual(LINES.map(([, expected]) => expected));
      expect(namesIn(project.root)).not.toContain("expanded");
      expect(namesIn(project.root)).not.toContain("executed");
    },
  );

  it("fish completes the same, and runs nothing", async ({ skip }) => {
    if (!has("fish")) return skip("fish is not installed");
    using project = await makeHostileProject();
    const ask = (line: string): readonly string[] => {
      const script = `runseal completion fish | source; complete --escape -C '${line}'`;
      const asked = spawnSync("fish", ["--no-config", "-c", script], {
        cwd: project.root,
        env: environmentOf(project, "xterm"),
        encoding: "utf8",
      });
      expect(asked.stderr, line).toBe("");
      return asked.stdout
        .split("\n")
        .map((answer) => answer.split("\t")[0] ?? "")
        .filter((word) => word !== "");
    };
    expect(ask("runseal veri")).toEqual(["verify"]);
    expect(ask("runseal verify o")).toEqual(["one", "out/"]);
    expect(ask("runseal key rm ")).toEqual(["alice@example.org", "default"]);
    expect(ask("runseal export --format=sigst")).toEqual(["--format=sigstore"]);
    expect(ask("runseal explain HASH_")).toEqual(["HASH_MISMATCH"]);
    expect(ask("runseal seal out/a")).toEqual(["out/a.txt"]);
    expect(ask("runseal log --project=o")).toEqual(["--project=out/"]);
    expect(namesIn(project.root)).not.toContain("expanded");
    expect(namesIn(project.root)).not.toContain("executed");
  });
});
