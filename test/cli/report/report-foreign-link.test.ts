import { lchownSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ReportFile } from "../../../src/cli/output/report-file.ts";
import { makeFifo, makeProject, makeProjectWithKey } from "../../support/command/cli.ts";
import { shell } from "../../support/command/run.ts";

const OTHER_USER = 65_534;
const isRoot = process.getuid?.() === 0;

describe.skipIf(!isRoot)("root writes a report into another user's folder", () => {
  it("refuses a link of that user to a device, before the command runs", async () => {
    using project = await makeProjectWithKey();
    symlinkSync("/dev/null", project.at("report"));
    lchownSync(project.at("report"), OTHER_USER, OTHER_USER);
    const end = await project.run(shell("echo ran", "--report", "report"));
    expect(end).toMatchObject({ exitCode: 4, stdout: "" });
    expect(end.stderr).toContain('error: WRITE_FAILED: could not write "report": ');
  });

  it("follows a link of its own, and of root, to a device", async () => {
    using project = await makeProjectWithKey();
    symlinkSync("/dev/null", project.at("report"));
    expect((await project.run(shell("true", "--report", "report"))).exitCode).toBe(0);
    const under = ["sh", "-c", '"$@" | cat', "sh"];
    const end = await project.run(shell("true", "--report", "/dev/stdout"), { under });
    expect(end.stdout).toMatch(/^\{"ok":true/);
  });

  it("refuses a link of that user that takes a pipe's place while the command runs", () => {
    using project = makeProject({});
    makeFifo(project.at("report"));
    const file = new ReportFile("report", project.root);
    expect(file.prepare()).toBeUndefined();
    rmSync(project.at("report"));
    symlinkSync("/dev/null", project.at("report"));
    lchownSync(project.at("report"), OTHER_USER, OTHER_USER);
    const facts = { ok: true, code: "OK", message: "", details: {}, exit_code: 0 } as const;
    expect(file.write({ facts, text: "" })).toMatchObject({ code: "WRITE_FAILED" });
  });

  it("never writes into the file that a link leads to", () => {
    using project = makeProject({});
    writeFileSync(project.at("precious"), "precious\n");
    symlinkSync("precious", project.at("report"));
    lchownSync(project.at("report"), OTHER_USER, OTHER_USER);
    const file = new ReportFile("report", project.root);
    expect(file.prepare()).toBeUndefined();
    symlinkSync("precious", project.at("report"));
    const facts = { ok: true, code: "OK", message: "", details: {}, exit_code: 0 } as const;
    expect(file.write({ facts, text: "" })).toBeUndefined();
    expect(readFileSync(project.at("precious"), "utf8")).toBe("precious\n");
  });
});
