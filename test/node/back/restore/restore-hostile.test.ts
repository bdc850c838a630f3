import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import { Interruption } from "../../../../src/node/system/runtime/interruption.ts";
import { recoverTarget } from "../../../support/faults/restore-acts.ts";
import {
  changesOf,
  openDescriptors,
  Scene,
  UNCHANGED,
  writeAt,
} from "../../../support/faults/restore-scene.ts";
import {
  type Call,
  interceptFileSystem,
  isMutating,
  meddlingFileSystem,
  puts,
  systemError,
} from "../../../support/files/faulty-file-system.ts";
import { compareSnapshots, snapshotTree } from "../../../support/files/tree.ts";

const makes =
  (name: string) =>
  (call: Call): boolean =>
    call.name === "mkdirSync" && call.address.endsWith(`/${name}`);

describe("rollback and what others did meanwhile (PROTOCOL 13.7)", () => {
  it("keeps a foreign file in a folder that it made", async () => {
    using scene = new Scene();
    const target = scene.existingTarget();
    const fs = meddlingFileSystem(puts("d.txt"), () =>
      writeAt(target, { "data/deep/own.txt": "other user", "keep/d.txt": "in the way" }),
    );
    const { value: outcome, change } = await changesOf(target, () => scene.restore(target, fs));
    expect(outcome).toMatchObject({ code: "RESTORE_FINALIZE_FAILED", cause_code: null });
    expect(Object.keys(change.added)).toEqual(["data/deep/own.txt", "keep/d.txt"]);
  });

  it("keeps a foreign file and a foreign folder under names that were its own", async () => {
    using scene = new Scene();
    const target = scene.existingTarget();
    const replace = (): void => {
      unlinkSync(join(target, "a.txt"));
      rmSync(join(target, "data"), { recursive: true });
      writeAt(target, { "a.txt": "alpha\n", "keep/d.txt": "in the way" });
      mkdirSync(join(target, "data"));
    };
    const fs = meddlingFileSystem(puts("d.txt"), replace);
    const { value: outcome, change } = await changesOf(target, () => scene.restore(target, fs));
    expect(outcome).toMatchObject({ code: "RESTORE_FINALIZE_FAILED", cause_code: null });
    expect(Object.keys(change.added)).toEqual(["a.txt", "data", "keep/d.txt"]);
  });

  /** Restores until a late file fails; just before the removal of a name, the name is given to a foreign file. */
  async function restoreUntilTaken(removal: string, name: string, make: (path: string) => void) {
    using scene = new Scene();
    const target = scene.existingTarget();
    const isRemoved = (call: Call): boolean => call.name === removal && call.address.endsWith(`/${name}`);
    const fs = interceptFileSystem((call, proceed) => {
      if (puts("d.txt")(call)) throw systemError("EIO", call.name);
      if (isRemoved(call)) {
        renameSync(join(target, name), join(target, "moved"));
        make(join(target, name));
      }
      return proceed();
    });
    return await changesOf(target, () => scene.restore(target, fs));
  }

  it("lets go of a folder of its own when a link takes its name just before it is removed", async () => {
    const { value: outcome, change } = await restoreUntilTaken("rmdirSync", "data", (path) =>
      symlinkSync("other", path),
    );
    expect(outcome).toMatchObject({ code: "RESTORE_FINALIZE_FAILED", cause_code: null });
    expect(Object.keys(change.added)).toEqual(["data", "moved"]);
  });

  it("keeps a folder that takes a file's name just before it is taken away, and says where its file was", async () => {
    const { value: outcome, change } = await restoreUntilTaken("renameSync", "a.txt", (path) =>
      mkdirSync(path),
    );
    const details = { astray: ["a.txt"] };
    const cause_code = "RESTORE_FINALIZE_FAILED";
    expect(outcome).toMatchObject({ code: "RESTORE_ROLLBACK_FAILED", cause_code, details });
    expect(change.added).toMatchObject({ "a.txt": { type: "dir" }, moved: { type: "file" } });
  });

  it("does not take a foreign empty folder for its own", async () => {
    using scene = new Scene();
    const target = scene.existingTarget();
    const fs = meddlingFileSystem(makes("data"), () => mkdirSync(join(target, "data")));
    const { value: outcome, change } = await changesOf(target, () => scene.restore(target, fs));
    expect(outcome).toMatchObject({ code: "RESTORE_FINALIZE_FAILED", cause_code: null });
    expect(Object.keys(change.added)).toEqual(["data"]);
  });
});

type Make = (path: string, scene: Scene) => void;

const IS_ROOT = process.getuid?.() === 0;

const isOwnName = (name: string): boolean => name.startsWith(".spectrum06_");

/** The folders that an attacker may exchange for a link: one that was there, two that the restore makes. */
const PREY = ["keep", "data", "data/deep"];

describe("folders exchanged for links to outside (SECURITY 8, H-04)", () => {
  it.each(PREY)("%s, before any one of the calls: nothing outside changes", async (prey) => {
    using scene = new Scene();
    const outside = snapshotTree(scene.outside);
    for (let at = 0, more = true; more; at++) {
      const target = scene.existingTarget();
      let number = 0;
      more = false;
      const fs = meddlingFileSystem(
        (call) => isMutating(call) && number++ === at,
        () => {
          more = true;
          if (!existsSync(join(target, prey))) return;
          renameSync(join(target, prey), join(target, "moved"));
          symlinkSync(scene.outside, join(target, prey));
        },
      );
      const { value: outcome, change } = await changesOf(target, () => scene.restore(target, fs));
      expect(compareSnapshots(outside, snapshotTree(scene.outside))).toEqual(UNCHANGED);
      // Late enough, it is all in place and then moved; before that nothing is left, wherever it was moved.
      const files = Object.entries(change.added).filter(([, node]) => node.type === "file");
      const left = files.map(([path]) => path).filter((path) => path !== "moved/own.txt");
      expect({ at, cause: outcome.cause_code, left: outcome.ok ? [] : left }).toEqual({
        at,
        cause: null,
        left: [],
      });
      rmSync(target, { recursive: true });
    }
  });

  it.each(["existing", "new"])(
    "the folder made first in an %s root's place: nothing outside",
    async (kind) => {
      using scene = new Scene();
      const target = kind === "new" ? scene.newTarget() : scene.existingTarget();
      const watched = kind === "new" ? join(target, "..") : target;
      const exchange = (): void => {
        const [made = "none"] = readdirSync(watched).filter(isOwnName);
        rmSync(join(watched, made), { recursive: true });
        symlinkSync(scene.outside, join(watched, made));
      };
      const outside = snapshotTree(scene.outside);
      const isEntered = ({ name, address }: Call): boolean =>
        name === "openSync" && isOwnName(basename(address));
      const fs = meddlingFileSystem(isEntered, exchange);
      const outcome = await scene.restore(target, fs, { mkdir: kind === "new" });
      const details = { reason: "not-a-folder" };
      expect(outcome).toMatchObject({ code: "RESTORE_INTERNAL_ERROR", cause_code: null, details });
      expect(compareSnapshots(outside, snapshotTree(scene.outside))).toEqual(UNCHANGED);
    },
  );
});

describe("names and places (SECURITY 8)", () => {
  const longName = "n".repeat(255);
  const deepPath = `${"d/".repeat(1000)}f.txt`;

  it.each([
    ["a component of 255 bytes", longName],
    ["255 bytes in two-byte characters and one", `${"é".repeat(127)}x/f`],
    ["a path 1,000 folders deep", deepPath],
    ["fifteen components of 255 bytes", `${`${longName}/`.repeat(15)}f`],
  ])("restores and removes %s", async (_what, path) => {
    using scene = new Scene({ [path]: "x", "z.txt": "z" });
    const target = scene.existingTarget();
    expect(await scene.restore(target)).toMatchObject({ ok: true });
    expect(readFileSync(join(target, path), "utf8")).toBe("x");

    const other = scene.existingTarget();
    const fs = meddlingFileSystem(puts("z.txt"), () => writeAt(other, { "z.txt": "in the way" }));
    const { value: outcome, change } = await changesOf(other, () => scene.restore(other, fs));
    expect(outcome).toMatchObject({ code: "RESTORE_FINALIZE_FAILED", cause_code: null });
    expect(Object.keys(change.added)).toEqual(["z.txt"]);
  });

  it.each(["..%2fx", "．．/x", "․․/x", "%2e%2e/x", "~/x", "$HOME/x"])(
    "%j is a name like any other",
    async (path) => {
      using scene = new Scene({ [path]: "literal" });
      const target = scene.existingTarget();
      const { change } = await changesOf(scene.folder, () => scene.restore(target));
      expect(readFileSync(`${target}/${path}`, "utf8")).toBe("literal");
      expect(Object.keys(change.added).every((added) => added.startsWith("restore-0/"))).toBe(true);
    },
  );

  it("refuses to restore onto the source itself", async () => {
    using scene = new Scene();
    const target = scene.source("");
    const { value: outcome, change } = await changesOf(target, () => scene.restore(target));
    expect(outcome).toMatchObject({ code: "RESTORE_TARGET_PATH_EXISTS", details: { path: "a.txt" } });
    expect(change).toEqual(UNCHANGED);
  });

  it("restores through a link to the root, and notices when the link leads elsewhere", async () => {
    using scene = new Scene();
    const [target, elsewhere] = [scene.existingTarget(), scene.existingTarget()];
    const link = join(scene.folder, "link");
    symlinkSync(target, link);
    const fs = meddlingFileSystem(puts("d.txt"), () => {
      unlinkSync(link);
      symlinkSync(elsewhere, link);
    });
    const { value: outcome, change } = await changesOf(target, () => scene.restore(link, fs));
    expect(outcome).toMatchObject({ code: "RESTORE_FINALIZE_FAILED", phase: "VERIFY", cause_code: null });
    expect(change).toEqual(UNCHANGED);
    expect(await scene.restore(link)).toMatchObject({ ok: true });
    expect(existsSync(join(elsewhere, "a.txt"))).toBe(true);
  });

  it.each([
    ["a file", (path: string) => writeFileSync(path, "")],
    ["a link to a file", (path: string) => symlinkSync("other/notes.txt", path)],
    ["a FIFO", (path: string) => expect(spawnSync("mkfifo", [path]).status).toBe(0)],
  ])("refuses %s on the way or in the place of a target, at once", async (_what, make) => {
    using scene = new Scene();
    for (const name of ["data", "a.txt"]) {
      const target = scene.existingTarget();
      make(join(target, name));
      const { value: outcome, change } = await changesOf(target, () => scene.restore(target));
      const code = name === "data" ? "RESTORE_FINALIZE_FAILED" : "RESTORE_TARGET_PATH_EXISTS";
      expect(outcome).toMatchObject({ ok: false, code, cause_code: null });
      expect(change).toEqual(UNCHANGED);
    }
  });

  // EPERM is what FAT and exFAT say, EXDEV what other mounts say.
  it.each(["EPERM", "EXDEV"] as const)(
    "says what is amiss where there are no hard links (%s), and copies nothing in vain",
    async (errno) => {
      using scene = new Scene();
      const target = scene.existingTarget();
      const written: Call[] = [];
      const fs = interceptFileSystem((call, proceed) => {
        if (call.name === "writeSync") written.push(call);
        if (call.name === "linkSync") throw systemError(errno, call.name);
        return proceed();
      });
      const { value: outcome, change } = await changesOf(target, () => scene.restore(target, fs));
      const details = { reason: "no-hard-links" };
      expect(outcome).toMatchObject({ code: "RESTORE_FINALIZE_FAILED", cause_code: null, details });
      expect(change).toEqual(UNCHANGED);
      expect(written).toEqual([]);
    },
  );
});

const PLANTED = ".spectrum06_staging_00000000-0000-4000-8000-000000000000";

describe("what others put into the target (SECURITY 8.7)", () => {
  it.each<[string, Make]>([
    ["is a link to outside", (path, scene) => symlinkSync(scene.outside, path)],
    ["is a file", (path) => writeFileSync(path, "planted")],
    [
      "is open to others",
      (path) => [writeAt(path, { f0: "planted", journal: "{}" }), chmodSync(path, 0o755)],
    ],
    [
      "belongs to another user",
      (path) => {
        writeAt(path, { f0: "planted", journal: "{}" });
        chmodSync(path, 0o700);
        if (IS_ROOT) chownSync(path, 65_534, 65_534);
        else chmodSync(path, 0o750);
      },
    ],
  ])("a planted staging folder %s: it is left alone, and does not prevent a restore", async (_what, make) => {
    using scene = new Scene();
    const target = scene.existingTarget();
    make(join(target, PLANTED), scene);
    expect(await recoverTarget({ target })).toMatchObject({ ok: true, recovered: [] });
    const { value: outcome, change } = await changesOf(target, () => scene.restore(target));
    expect(outcome).toMatchObject({ ok: true });
    expect(change).toMatchObject({ removed: [], changed: [] });
  });
});

describe("several at once (SECURITY 8.8)", () => {
  it("of two restores at once one restores, and the other is refused", async () => {
    using scene = new Scene();
    const target = scene.existingTarget();
    const outcomes = await Promise.all([scene.restore(target), scene.restore(target)]);
    expect(outcomes.map(({ ok }) => ok).sort()).toEqual([false, true]);
    const loser = outcomes.find(({ ok }) => !ok);
    expect(["RESTORE_BUSY", "RESTORE_TARGET_PATH_EXISTS"]).toContain(loser?.code);
    expect(readdirSync(target).filter(isOwnName)).toEqual([]);
  });
});

describe("interruption", () => {
  const outputs = Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`d${n % 7}/f${n}`, `${n}`]));

  /** Fits the opening of a source or of a copy, for the time after `before` others. */
  const opens = (before: number) => {
    let number = 0;
    return ({ address, name }: Call): boolean =>
      name === "openSync" && address.endsWith("/f100") && number++ === before;
  };

  // In a new root no file is put in place: all are there from the beginning, and invisible.
  it.each([
    ["staging", opens(0), "existing"],
    ["placement", puts("f101"), "existing"],
    ["the last look", opens(2), "existing"],
    ["staging", opens(0), "new"],
    ["the last look", opens(3), "new"],
  ] as const)("during %s undoes everything, and throws (%#, %s root)", async (_moment, fits, kind) => {
    using scene = new Scene(outputs);
    const target = kind === "new" ? scene.newTarget() : scene.existingTarget();
    const abort = new AbortController();
    const fs = meddlingFileSystem(fits, () => abort.abort());
    const descriptors = openDescriptors();
    const { change } = await changesOf(kind === "new" ? join(target, "..") : target, async () => {
      const restoring = scene.restore(target, fs, { mkdir: kind === "new", signal: abort.signal });
      await expect(restoring).rejects.toThrow(Interruption);
    });
    expect(abort.signal.aborted).toBe(true);
    expect(change).toEqual(UNCHANGED);
    expect(openDescriptors()).toEqual(descriptors);
  });
});
