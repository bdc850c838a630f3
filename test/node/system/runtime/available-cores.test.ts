import { availableParallelism } from "node:os";
import { describe, expect, it } from "vitest";
import { availableCores, grantedCores } from "../../../../src/node/system/runtime/system-limits.ts";

/** The kernel's files of a process in the group `/a/b`, with these limits. */
function kernel(files: Readonly<Record<string, string>>, own = "/a/b"): (path: string) => string | undefined {
  const all: Readonly<Record<string, string>> = { "/proc/self/cgroup": `1:name=x:/y\n0::${own}\n`, ...files };
  return (path) => all[path];
}

describe("cores that control groups grant", () => {
  it.each<readonly [string, Readonly<Record<string, string>>, number]>([
    ["two whole ones", { "/sys/fs/cgroup/a/b/cpu.max": "200000 100000\n" }, 2],
    ["a part of one counts as one", { "/sys/fs/cgroup/a/b/cpu.max": "50000 100000\n" }, 1],
    ["a part above whole ones counts for nothing", { "/sys/fs/cgroup/a/b/cpu.max": "390000 100000\n" }, 3],
    ["no quota", { "/sys/fs/cgroup/a/b/cpu.max": "max 100000\n" }, Number.POSITIVE_INFINITY],
    ["what a group above grants", { "/sys/fs/cgroup/a/cpu.max": "100000 100000\n" }, 1],
    ["what the container's own root grants", { "/sys/fs/cgroup/cpu.max": "400000 100000\n" }, 4],
    [
      "the least of all",
      { "/sys/fs/cgroup/a/b/cpu.max": "800000 100000\n", "/sys/fs/cgroup/cpu.max": "300000 100000\n" },
      3,
    ],
    ["nothing that can't be read", { "/sys/fs/cgroup/cpu.max": "lots" }, Number.POSITIVE_INFINITY],
    ["a period of nothing", { "/sys/fs/cgroup/cpu.max": "1 0\n" }, Number.POSITIVE_INFINITY],
    ["no groups", {}, Number.POSITIVE_INFINITY],
  ])("%s", (_what, files, cores) => {
    expect(grantedCores(kernel(files))).toBe(cores);
  });

  it("are looked for below the mount only", () => {
    expect(grantedCores(kernel({ "/sys/fs/cgroup/cpu.max": "100000 100000\n" }, "/../.."))).toBe(1);
  });

  it("are no more than the machine has, and at least one", () => {
    expect(availableCores()).toBeGreaterThanOrEqual(1);
    expect(availableCores()).toBeLessThanOrEqual(availableParallelism());
  });
});
