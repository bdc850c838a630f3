import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { REPOSITORY } from "../support/ci/workflow-runner.ts";
import { makeProject } from "../support/command/cli.ts";

const page = readFileSync(join(REPOSITORY, "docs/fleet.md"), "utf8");

/** The block that stands behind a mark in the page. */
function block(name: string): string {
  const [, text] = new RegExp(`<!-- tested: ${name} -->\n\`\`\`[a-z]+\n(.*?)\`\`\``, "s").exec(page) ?? [];
  if (text === undefined) throw new TypeError(`docs/fleet.md has no block ${name}`);
  return text;
}

const hasSystemd = spawnSync("systemd-analyze", ["--version"]).status === 0;
const hasStrace = spawnSync("strace", ["-qq", "true"]).status === 0;
const FLEET = join(REPOSITORY, "packages/fleet/dist/main.js");

/** The worker's unit. The program must be there for systemd. */
const worker = block("worker").replace("/usr/bin/node", process.execPath);

/** The service's unit: the worker's, with lines in the place of those of the same name. */
function serviceUnit(): string {
  const lines = block("service").replace("/usr/bin/node", process.execPath).trimEnd().split("\n");
  return lines.reduce((unit, line) => {
    const [name = ""] = line.split("=");
    const replaced = unit.replace(new RegExp(`^${name}=.*$`, "m"), line);
    expect(replaced, name).not.toBe(unit);
    return replaced;
  }, worker);
}

/** All calls of a set of systemd's. */
function callsOf(set: string): readonly string[] {
  const { stdout } = spawnSync("systemd-analyze", ["syscall-filter", set], { encoding: "utf8" });
  const names = stdout
    .split("\n")
    .slice(1)
    .map((line) => line.trim());
  return names.flatMap((name) => {
    if (name === "" || name.startsWith("#")) return [];
    return name.startsWith("@") ? callsOf(name) : [name];
  });
}

describe("docs/fleet.md", () => {
  it("has a compose file that is YAML, whose services depend on services that are there", () => {
    const { services, volumes } = parse(block("compose"), { merge: true }) as {
      readonly services: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
      readonly volumes: object;
    };
    const wanted = Object.values(services).flatMap((service) => Object.keys(service["depends_on"] ?? {}));
    expect(Object.keys(services)).toEqual(expect.arrayContaining(wanted));
    expect(wanted.length).toBeGreaterThan(0);
    expect(services["worker"]).toMatchObject({ read_only: true, restart: "always" });
    expect(Object.keys(volumes)).toEqual(["database"]);
  });

  it.runIf(hasSystemd)("has units that systemd accepts", () => {
    using project = makeProject({});
    const verified = (content: string, name = "runseal-fleet-worker@.service"): string => {
      writeFileSync(project.at(name), content);
      const args = ["verify", "--man=no", project.at(name)];
      return spawnSync("systemd-analyze", args, { encoding: "utf8" }).stderr;
    };
    expect(verified(worker)).toBe("");
    expect(verified(serviceUnit(), "runseal-fleet.service")).toBe("");
    expect(verified(worker.replace("NoNewPrivileges=", "NoNewPrivilege="))).not.toBe("");
  });

  it.runIf(hasSystemd && hasStrace)("has a unit whose filter lets Node make the calls that it makes", () => {
    using project = makeProject({});
    const trace = project.at("trace");
    const args = ["-f", "-qq", "-o", trace, process.execPath, FLEET, "--help"];
    expect(spawnSync("strace", args).status).toBe(0);
    const made = [...readFileSync(trace, "utf8").matchAll(/^\d+ +([a-z]\w*)\(/gm)].map(([, name]) => name);
    const [, filter = ""] = /^SystemCallFilter=(.+)$/m.exec(worker) ?? [];
    const allowed = filter.split(" ").flatMap(callsOf);
    expect(made).toContain("execve");
    expect([...new Set(made)].filter((name) => name === undefined || !allowed.includes(name))).toEqual([]);
    // What a later Node asks for beside these fails, and does not end it.
    expect(worker).toMatch(/^SystemCallErrorNumber=EPERM$/m);
  });
});
