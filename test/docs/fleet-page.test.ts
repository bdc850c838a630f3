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

  it.runIf(hasSystemd)("has a unit that systemd accepts", () => {
    using project = makeProject({});
    const unit = project.at("runseal-fleet-worker@.service");
    // The program must be there for systemd.
    const text = block("worker").replace("/usr/bin/node", process.execPath);
    const verified = (content: string): string => {
      writeFileSync(unit, content);
      return spawnSync("systemd-analyze", ["verify", "--man=no", unit], { encoding: "utf8" }).stderr;
    };
    expect(verified(text)).toBe("");
    expect(verified(text.replace("NoNewPrivileges=", "NoNewPrivilege="))).not.toBe("");
  });
});
