import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import type { HexDigest } from "../../../../src/core/system/bytes/hex.ts";
import { writeRunningRecord } from "../../../../src/node/back/guard/running-record.ts";
import { restoreBundle } from "../../../../src/node/back/restore/restore-bundle.ts";
import { AnchoredDir } from "../../../../src/node/system/files/anchored-dir.ts";
import { OwnerSocket } from "../../../../src/node/system/locks/owner-socket.ts";
import { GuardScene, linesBelow } from "../../../support/faults/revert-guard.ts";
import { interceptFileSystem, systemError } from "../../../support/files/faulty-file-system.ts";
import { MountedFolder } from "../../../support/files/file-systems.ts";

const LAST = { kind: "last-undo" } as const;

/** A signer that has a key and signs nothing. */
const FAILING_SIGNER = {
  kind: "command",
  command: "exit 1",
  publicKey: new Uint8Array(32).fill(1),
  seconds: 30,
} as const;

describe("a revert", () => {
  let scene: GuardScene;

  /** `a` was 1 and is 2, `new/b` was made; then all of it was reverted, so that a redo is a revert of one run. */
  beforeEach(async () => {
    scene = new GuardScene();
    scene.write("a", "1");
    scene.write("kept", "kept");
    await scene.snapshot("first");
    scene.write("a", "2");
    mkdirSync(scene.at("new"));
    scene.write("new/b", "3");
    await scene.reverted("first");
    return () => scene[Symbol.dispose]();
  });

  it("leaves what it is not about as it is", async () => {
    scene.write("kept", "mine");
    scene.write("other", "mine");
    await scene.reverted(LAST);
    expect(readFileSync(scene.at("kept"), "utf8")).toBe("mine");
    expect(readFileSync(scene.at("other"), "utf8")).toBe("mine");
    expect(readFileSync(scene.at("a"), "utf8")).toBe("2");
  });

  it("names the later revert that left a path as it is", async () => {
    await scene.reverted(LAST);
    scene.write("a", "by hand");
    expect(
      await scene.revert({ kind: "run", runId: "first.revert" }, { choice: { changed: "refuse" } }),
    ).toMatchObject({
      details: { changed: [{ path: "a", change: "other-bytes" }] },
    });
    scene.write("a", "2");
    const { details } = (await scene.revert({ kind: "run", runId: "first.revert" })) as { details: object };
    expect(details).toBeUndefined();
  });

  it("takes what was changed since, if the caller says so, and an undo gives it back", async () => {
    scene.write("a", "mine");
    await scene.reverted(LAST, { choice: { changed: "take" } });
    expect(readFileSync(scene.at("a"), "utf8")).toBe("2");
    await scene.reverted({ kind: "last-run" });
    expect(readFileSync(scene.at("a"), "utf8")).toBe("mine");
  });

  it("takes a part, if the caller names one", async () => {
    await scene.reverted(LAST, { choice: { changed: "refuse", only: ["new"] } });
    expect(readFileSync(scene.at("a"), "utf8")).toBe("1");
    expect(readFileSync(scene.at("new/b"), "utf8")).toBe("3");
    const lost = await scene.revert(
      { kind: "last-run" },
      { choice: { changed: "refuse", only: ["nothing"] } },
    );
    expect(lost).toMatchObject({ code: "RESTORE_SELECTION_NOT_FOUND", details: { path: "nothing" } });
  });

  it("names a socket that was made in a place since, and leaves it", async () => {
    const socket = createServer().listen(scene.at("new"));
    await once(socket, "listening");
    try {
      expect(await scene.revert(LAST)).toMatchObject({
        code: "UNDO_TARGET_CHANGED",
        wrote: false,
        details: { reason: "run", changed: [{ path: "new", change: "added" }] },
      });
      expect(lstatSync(scene.at("new")).isSocket()).toBe(true);
    } finally {
      socket.close();
    }
  });

  it("is blocked by a bind mount of the same file system, before anything is changed", async () => {
    mkdirSync(scene.at("new"), { recursive: true });
    using volume = MountedFolder.inside(scene.at("new"), "bind", scene.own);
    if (volume.obstacle !== undefined) return;
    expect(await scene.revert(LAST)).toMatchObject({
      code: "UNDO_BLOCKED",
      wrote: false,
      details: { blocked: [{ path: "new", reason: "other-file-system" }] },
    });
  });

  it("is blocked by an object that is missing from the store, before anything is changed", async () => {
    const before = scene.look();
    rmSync(join(scene.own, "packs"), { recursive: true, force: true });
    rmSync(join(scene.own, "objects"), { recursive: true, force: true });
    expect(await scene.revert(LAST)).toMatchObject({
      code: "UNDO_BLOCKED",
      details: {
        blocked: [
          { path: "a", reason: "object-missing" },
          { path: "new/b", reason: "object-missing" },
        ],
      },
    });
    expect(scene.look()).toEqual(before);
  });

  it("is refused while a process has a file open for writing that would go", async () => {
    const program = "import sys; f = open(sys.argv[1], 'r+b'); print('ready', flush=True); sys.stdin.read()";
    const child = spawn("python3", ["-c", program, scene.at("a")], { stdio: ["pipe", "pipe", "inherit"] });
    await once(child.stdout, "data");
    expect(await scene.revert(LAST)).toMatchObject({
      code: "UNDO_FILES_OPEN",
      details: { open: [{ path: "a", pid: child.pid, command: expect.stringMatching(/^python3/) }] },
    });
    await scene.reverted(LAST, { evenIfOpen: true });
    expect(readFileSync(scene.at("a"), "utf8")).toBe("2");
    child.kill();
    await once(child, "exit");
  });

  it("is busy while a guarded run is in progress", async () => {
    mkdirSync(join(scene.own, "running"));
    using folder = AnchoredDir.open(join(scene.own, "running"));
    const running = await OwnerSocket.listen(folder.address("a-run"));
    expect(await scene.revert(LAST)).toMatchObject({ code: "RESTORE_BUSY", wrote: false });
    running.close();
  });

  it("keeps the set-group and sticky bits of what stays", async () => {
    mkdirSync(scene.at("shared"));
    chmodSync(scene.at("shared"), 0o755);
    await scene.snapshot("with-shared");
    chmodSync(scene.at("shared"), 0o3770);
    await scene.reverted("with-shared");
    expect(statSync(scene.at("shared")).mode & 0o7777).toBe(0o3755);
  });

  it("refuses a snapshot that is not as it was signed", async () => {
    const file = join(scene.own, "runs/first/OUTPUT_HASHES.json");
    writeFileSync(file, readFileSync(file, "utf8").replace(/[0-9a-f]{64}/, "0".repeat(64)));
    expect(await scene.revert("first")).toMatchObject({
      ok: false,
      code: "BUNDLE_ROOT_MISMATCH",
      details: { run_id: "first" },
    });
  });

  it("refuses a tree that is not the signed one", async () => {
    const file = join(scene.own, "runs/first/OUTPUT_TREE.json");
    writeFileSync(file, readFileSync(file, "utf8").replace("{", '{"a":1,'));
    expect(await scene.revert("first")).toMatchObject({
      code: "TREE_MISMATCH",
      details: { run_id: "first" },
    });
  });

  it("refuses a signer that is neither trusted nor the guard's own key", async () => {
    rmSync(join(scene.own, "../key"));
    expect(await scene.revert("first")).toMatchObject({
      ok: false,
      code: "TRUST_POLICY_MISSING",
      phase: "trust",
      details: { run_id: "first" },
    });
    expect(await scene.revert("first", { trust: "any-signer", dryRun: true })).toMatchObject({ ok: true });
  });

  it("does not take a later change for one of a revert whose new state was not sealed", async () => {
    await scene.snapshot("extra");
    await scene.reverted(LAST, { signer: FAILING_SIGNER });
    scene.write("mine", "later");
    // The redo is not known as the last revert then, so the one before it is reverted.
    expect(await scene.revert(LAST)).toMatchObject({ ok: true, already: 3 });
    expect(readFileSync(scene.at("mine"), "utf8")).toBe("later");
    expect(existsSync(join(scene.own, "reverting"))).toBe(false);
  });

  it("takes the equal snapshot for one around a run that was not sealed again", async () => {
    await scene.reverted(LAST);
    expect(scene.runs).not.toContain("first.redo.before");
    const again = await scene.reverted("first.redo.before");
    expect(again).toMatchObject({
      runId: "first.redo.before",
      sealed: { revertId: "first.redo.before.revert" },
    });
    expect(readFileSync(scene.at("a"), "utf8")).toBe("1");
    expect(await scene.revert("nothing.before")).toMatchObject({ code: "RUN_NOT_FOUND" });
  });

  it("names the snapshot before a run that was killed", async () => {
    const { bundleRoot } = await scene.snapshot("before-the-kill");
    using own = AnchoredDir.open(scene.own);
    const folder = "0".repeat(64) as HexDigest;
    writeRunningRecord(own, { runId: "killed", before: bundleRoot, folder, started: "2026-11-28T12:00:00Z" });
    expect(await scene.revert({ kind: "run", runId: "killed" })).toMatchObject({
      code: "UNDO_NO_AFTER",
      details: { run_id: "killed", before: "first.revert" },
    });
  });

  it("fails for a folder that is not guarded", async () => {
    expect(await scene.revert(LAST, { folder: scene.above })).toMatchObject({ code: "GUARD_NOT_FOUND" });
  });

  it("goes on in another folder at the path, and says so", async () => {
    const before = scene.look();
    renameSync(scene.folder, join(scene.above, "moved"));
    mkdirSync(scene.folder);
    expect(await scene.reverted("first")).toMatchObject({ isOtherFolder: true });
    expect(scene.look()).toEqual(before);
    expect(await scene.reverted("first")).toMatchObject({ isOtherFolder: false });
  });

  it("does not follow a link in the place of the guarded folder", async () => {
    const elsewhere = join(scene.above, "elsewhere");
    renameSync(scene.folder, elsewhere);
    symlinkSync(elsewhere, scene.folder);
    expect(await scene.revert("first")).toMatchObject({ code: "GUARD_ROOT_CHANGED" });
    rmSync(scene.folder);
    writeFileSync(scene.folder, "");
    expect(await scene.revert("first")).toMatchObject({ code: "GUARD_ROOT_CHANGED" });
  });

  it("takes everything back, and removes its note, where a step fails", async () => {
    const before = scene.look();
    const fs = interceptFileSystem((call, proceed) => {
      if (call.name === "linkSync" && String(call.args[1]).endsWith("/b"))
        throw systemError("EIO", call.name);
      return proceed();
    });
    expect(await scene.revert(LAST, {}, fs)).toMatchObject({ code: "RESTORE_FINALIZE_FAILED", wrote: true });
    expect(scene.look()).toEqual(before);
    expect(existsSync(join(scene.own, "reverting"))).toBe(false);
    await scene.reverted(LAST);
  });

  it("changes nothing without a key to seal the new state", async () => {
    await scene.snapshot("extra");
    const before = scene.look();
    const signer = { kind: "key-file", path: join(scene.above, "no-key") } as const;
    expect(await scene.revert(LAST, { signer })).toMatchObject({ ok: false, code: "KEY_NOT_FOUND" });
    expect(scene.look()).toEqual(before);
    expect(existsSync(join(scene.own, "reverting"))).toBe(false);
  });

  it("says that the new state could not be sealed, and the next command seals it", async () => {
    await scene.snapshot("extra");
    const late = await scene.reverted(LAST, { signer: FAILING_SIGNER });
    expect(late).toMatchObject({
      late: { code: "SIGNER_FAILED", details: { reason: "command" } },
      sealed: { after: undefined },
    });
    expect(readFileSync(scene.at("a"), "utf8")).toBe("2");
    expect(scene.runs).not.toContain("first.redo");
    // The next command undoes that redo, although it was not sealed by then.
    await scene.reverted({ kind: "last-run" });
    expect(scene.runs).toContain("first.redo");
    expect(readFileSync(scene.at("a"), "utf8")).toBe("1");
  });
});

describe.skipIf(process.geteuid?.() !== 0)("a file that its owner may not read", () => {
  it("comes back with mode 000, by a revert and by a restore of the snapshot", async () => {
    using scene = new GuardScene();
    scene.write("a", "1", 0o000);
    await scene.snapshot("first");
    const before = scene.look();
    rmSync(scene.at("a"));
    await scene.reverted("first");
    expect(scene.look()).toEqual(before);
    const target = join(scene.above, "elsewhere");
    const { environment, own } = scene;
    const from = { bundle: join(own, "runs", "first"), root: dirname(own) } as const;
    const to = { target, mkdir: true, environment, trust: "any-signer" } as const;
    const restored = await restoreBundle({ ...from, ...to });
    expect(restored).toMatchObject({ ok: true });
    expect(linesBelow(target, "").filter((line) => line.startsWith("file 0 a"))).toHaveLength(1);
  });
});

describe("a FIFO, a socket or a device in the place of a guarded file", () => {
  it.each(["fifo", "socket", "device"] as const)("is moved aside like a file: %s", async (kind) => {
    using scene = new GuardScene();
    scene.write("a", "1");
    scene.write("b", "2");
    await scene.snapshot("first");
    const before = scene.look();
    rmSync(scene.at("a"));
    rmSync(scene.at("b"));
    using made = await makeSpecial(scene.at("a"), kind);
    if (!made.isMade) return;
    await scene.reverted("first");
    expect(scene.look()).toEqual(before);
  });

  it("is moved aside in the place of a folder", async () => {
    using scene = new GuardScene();
    mkdirSync(scene.at("d"), { mode: 0o755 });
    scene.write("d/a", "1");
    scene.write("b", "2");
    await scene.snapshot("first");
    const before = scene.look();
    rmSync(scene.at("d"), { recursive: true });
    spawnSync("mkfifo", [scene.at("d")]);
    await scene.reverted("first");
    expect(scene.look()).toEqual(before);
  });

  it("is put back where the revert fails", async () => {
    using scene = new GuardScene();
    scene.write("a", "1");
    scene.write("b", "2");
    await scene.snapshot("first");
    rmSync(scene.at("a"));
    rmSync(scene.at("b"));
    spawnSync("mkfifo", [scene.at("a")]);
    const fs = interceptFileSystem((call, proceed) => {
      if (call.name === "linkSync" && String(call.args[1]).endsWith("/b"))
        throw systemError("EIO", call.name);
      return proceed();
    });
    expect(await scene.revert("first", {}, fs)).toMatchObject({ ok: false });
    expect(statSync(scene.at("a")).isFIFO()).toBe(true);
  });
});

describe("a folder in which all users may write", () => {
  it("never becomes wider: made anew, or opened again, it is sticky", async () => {
    using scene = new GuardScene();
    for (const [name, mode] of [
      ["made", 0o1777],
      ["opened", 0o1777],
      ["wide", 0o777],
    ] as const) {
      mkdirSync(scene.at(name));
      scene.write(`${name}/f`, "1");
      chmodSync(scene.at(name), mode);
    }
    await scene.snapshot("first");
    rmSync(scene.at("made"), { recursive: true });
    chmodSync(scene.at("opened"), 0o755);
    scene.write("wide/f", "2");
    await scene.reverted("first");
    const modes = ["made", "opened", "wide"].map((name) => statSync(scene.at(name)).mode & 0o7777);
    expect(modes).toEqual([0o1777, 0o1777, 0o777]);
  });

  it("has its own mode again where the revert fails at its end", async () => {
    using scene = new GuardScene();
    mkdirSync(scene.at("opened"));
    scene.write("opened/f", "1");
    chmodSync(scene.at("opened"), 0o1777);
    await scene.snapshot("first");
    chmodSync(scene.at("opened"), 0o755);
    const fs = interceptFileSystem((call, proceed) => {
      if (call.name === "openSync" && call.address.endsWith("/committed"))
        throw systemError("EIO", call.name);
      return proceed();
    });
    expect(await scene.revert("first", {}, fs)).toMatchObject({ ok: false });
    expect(statSync(scene.at("opened")).mode & 0o7777).toBe(0o755);
  });
});

/** Makes what is not a file, a folder or a link. */
async function makeSpecial(path: string, kind: "fifo" | "socket" | "device") {
  if (kind === "socket") {
    const server = createServer().listen(path);
    await once(server, "listening");
    return { isMade: true, [Symbol.dispose]: () => void server.close() };
  }
  const made = kind === "fifo" ? spawnSync("mkfifo", [path]) : spawnSync("mknod", [path, "c", "1", "3"]);
  return { isMade: made.status === 0, [Symbol.dispose]: () => undefined };
}
