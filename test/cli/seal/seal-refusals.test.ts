import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  makeFifo,
  makeProjectWithKey,
  makeZeroDevice,
  namesIn,
  type Project,
} from "../../support/command/cli.ts";

/** Tries to seal; nothing may come of it. Gives what stderr says. */
async function refusal(project: Project, args: readonly string[], exitCode: number): Promise<string> {
  const end = await project.changesNothing(["seal", ...args]);
  expect(end, end.stderr).toMatchObject({ exitCode, stdout: "" });
  expect(end.stderr).toMatch(/^error: [^\n]+\n/);
  expect(end.stderr, "no absolute path of this machine").not.toContain(project.folder);
  return end.stderr;
}

/** A socket in the file system, for as long as it is open. */
function makeSocket(address: string): Promise<Server> {
  const server = createServer();
  return new Promise((resolve) => server.listen(address, () => resolve(server)));
}

/** A project with links, a FIFO and a socket in it. */
async function withSpecialFiles(): Promise<Project> {
  const project = await makeProjectWithKey();
  mkdirSync(project.at("out", "deep"));
  symlinkSync("a.txt", project.at("out", "link"));
  symlinkSync("/nowhere", project.at("out", "deep", "dangling"));
  symlinkSync("/etc", project.at("out", "folder-link"));
  makeFifo(project.at("out", "deep", "fifo"));
  const server = await makeSocket(project.at("out", "socket"));
  server.unref();
  return project;
}

describe.concurrent("runseal seal: links and special files", () => {
  it("refuses them by name with --strict, all of them, and leaves nothing", async () => {
    using project = await withSpecialFiles();
    expect(await refusal(project, ["out", "--id", "one", "--strict"], 1)).toBe(
      "error: ENTRIES_REFUSED: special files, and names that are not UTF-8, can't be sealed\n" +
        '  "out/deep/fifo" (fifo)\n' +
        '  "out/socket" (socket)\n' +
        "hint: without --strict, outputs are sealed without them; inputs and scratch folders can't have any\n",
    );
    const facts = await project.json(["seal", "out", "--strict"]);
    expect(facts).toMatchObject({
      ok: false,
      code: "ENTRIES_REFUSED",
      details: { reason: "special" },
      exit_code: 1,
    });
    expect((facts["details"] as { refused: object[] }).refused).toContainEqual({
      path: "out/deep/fifo",
      reason: "fifo",
    });
  });

  it("refuses a device, and what is reached through a link", async ({ skip }) => {
    using project = await makeProjectWithKey();
    symlinkSync("out", project.at("way"));
    const stderr = await refusal(project, ["way/a.txt"], 1);
    expect(stderr).toContain('"way/a.txt" (link-on-the-way)\n');
    expect(stderr).toContain("hint: name the folder that the link leads to, or the link itself\n");
    if (!makeZeroDevice(project.at("out", "zero"))) skip("no device can be made here");
    expect(await refusal(project, ["out", "--strict"], 1)).toContain('"out/zero" (device)\n');
  });

  it("leaves special files out, links with --links none too, and says what", async () => {
    using project = await withSpecialFiles();
    const { stderr, stdout } = await project.run(["seal", "out", "--id", "one", "--links", "none"]);
    expect(stderr).toBe('note: left out 2 special files: "out/deep/fifo" (fifo), "out/socket" (socket)\n');
    expect(stdout).toMatch(
      /^left out "out\/deep\/dangling" \(link\)\nleft out "out\/folder-link" \(link\)\nleft out "out\/link" \(link\)\nsealed {3}2 files/,
    );
    expect(await project.run(["verify", ".runseal/runs/one"])).toMatchObject({
      exitCode: 0,
      stderr: "",
    });
    const facts = await project.json(["seal", "out", "--links", "any"]);
    expect(facts["left_out"]).toContainEqual({ path: "out/socket", reason: "socket" });
  });
});

describe.concurrent("runseal seal: the caller's mistakes", () => {
  it.each(["", "..", "a/b", "a\\b", "-x", ".hidden", "con", "a\nb", "x".repeat(201)])(
    "refuses the run id %j",
    async (id) => {
      using project = await makeProjectWithKey();
      const stderr = await refusal(project, ["out", `--id=${id}`], 2);
      expect(stderr).toMatch(
        /^error: ARGUMENT_MALFORMED: "[^\n]*" can't be a run id\nhint: a run id is one portable file name/,
      );
      expect(namesIn(project.root)).toEqual(["out"]);
    },
  );
});

describe.concurrent("runseal seal: names", () => {
  it("refuses a name that is no UTF-8, whatever the rule for names", async () => {
    using project = await makeProjectWithKey();
    writeFileSync(
      Buffer.concat([Buffer.from(`${project.at("out")}/`), Buffer.from([0x66, 0xff, 0x6f])]),
      "x",
    );
    for (const names of ["portable", "posix"]) {
      const { exitCode, stderr } = await project.run(["seal", "out", "--names", names]);
      expect(exitCode).toBe(1);
      expect(stderr).toContain("(not-utf8)\n");
      expect(stderr).not.toContain("\ufffd");
      expect(namesIn(project.root)).toEqual(["out"]);
    }
  });

  it("shows a stranger's names escaped, on one line each", async () => {
    using project = await makeProjectWithKey();
    const names = [
      "\u001b[2J\u001b]0;owned\u0007",
      "a\n  accepted",
      "gnp\u202e.exe",
      "a\u009b31m",
      "\u2028x",
    ];
    project.write(Object.fromEntries(names.map((name) => [join("out", name), ""])));
    const stderr = await refusal(project, ["out"], 1);
    expect(stderr.split("\n")).toHaveLength(names.length + 3);
    expect(stderr).toContain('"out/\\u{1b}[2J\\u{1b}]0;owned\\u{7}" (control)\n');
    expect(stderr).toContain('"out/a\\n  accepted" (control)\n');
    expect(stderr).toContain('"out/gnp\\u{202e}.exe" (ignorable)\n');
    expect(stderr).not.toMatch(/[^\n -~]/);
    const { stdout } = await project.run(["seal", "out", "--json"]);
    expect(stdout, "JSON is printed in a terminal too").not.toMatch(/[^\n -~]/);
    const { details } = JSON.parse(stdout) as { details: { refused: { path: string }[] } };
    expect(details.refused.map(({ path }) => path).sort()).toEqual(names.map((name) => `out/${name}`).sort());
  });

  it("lists fifty of many, and all with --json", async () => {
    using project = await makeProjectWithKey();
    project.write(Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`out/x${index}?`, ""])));
    const stderr = await refusal(project, ["out"], 1);
    expect(stderr.match(/\(win-char\)/g)).toHaveLength(50);
    expect(stderr).toContain("\n  … and 10 more\n");
    const { details } = await project.json(["seal", "out"]);
    expect((details as { refused: object[] }).refused).toHaveLength(60);
  });
});

describe.concurrent("runseal seal: an id that is taken", () => {
  it("is refused before anything is hashed", async () => {
    using project = await makeProjectWithKey();
    const first = await project.run(["seal", "out", "--id", "one", "--progress", "json"]);
    expect(first.stderr).toContain('"phase":"hash"');
    const second = await project.run(["seal", "out", "--id", "one", "--progress", "json"]);
    expect(second).toMatchObject({ exitCode: 4 });
    expect(second.stderr).toContain("RUN_EXISTS");
    expect(second.stderr).not.toContain('"phase":"hash"');
  });
});
