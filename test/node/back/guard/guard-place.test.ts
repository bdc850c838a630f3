import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { findGuard, guardPlaceOf } from "../../../../src/node/back/guard/guard-place.ts";
import { type GuardRequest, openGuard } from "../../../../src/node/back/guard/open-guard.ts";
import { AnchoredRoot } from "../../../../src/node/system/files/anchored-root.ts";
import { modeOf } from "../../../support/command/cli.ts";
import { makeFolder, removeTree } from "../../../support/files/tree.ts";

/** A user with a folder of data, and a folder to guard. */
class Place implements Disposable {
  readonly folder: string = makeFolder();
  readonly root: string = join(this.folder, "work");
  readonly environment: { readonly HOME: string; readonly XDG_DATA_HOME: string };

  constructor() {
    mkdirSync(this.root);
    this.environment = { HOME: join(this.folder, "home"), XDG_DATA_HOME: join(this.folder, "data") };
  }

  /** Opens the guard, records the folder, and closes both. */
  open(over: Partial<GuardRequest> = {}): object {
    using root = AnchoredRoot.open(this.root);
    const request = { root, environment: this.environment, makes: true };
    const opened = openGuard({ ...request, ...over });
    if (!opened.ok) return { code: opened.code, details: opened.details };
    using guard = opened.value;
    const recorded = guard.recordRoot();
    return { isSameFolder: guard.isSameFolder, shown: guard.homePath, isRecorded: recorded.ok };
  }

  /** The path of the guard's folder. */
  get path(): string {
    return guardPlaceOf(this.environment, this.root).path;
  }

  [Symbol.dispose](): void {
    removeTree(this.folder);
  }
}

describe("the place of a guard", () => {
  it("is made private, outside of the folder, and shown without this machine's paths", () => {
    using place = new Place();
    const opened = place.open();
    expect(opened).toMatchObject({ isSameFolder: true, isRecorded: true });
    expect(opened).toHaveProperty(
      "shown",
      expect.stringMatching(/^\$XDG_DATA_HOME\/runseal\/guards\/[0-9a-f]{64}$/),
    );
    expect(modeOf(place.path)).toBe("0700");
    expect(modeOf(join(place.path, "root"))).toBe("0600");
  });

  it("is below ~/.local/share where XDG_DATA_HOME is unset, empty or relative", () => {
    for (const data of [undefined, "", "data"]) {
      using place = new Place();
      const environment = { HOME: place.environment.HOME, XDG_DATA_HOME: data };
      if (data === "data") expect(place.open({ environment })).toMatchObject({ code: "HOME_UNUSABLE" });
      else
        expect(place.open({ environment })).toHaveProperty(
          "shown",
          expect.stringMatching(/^\$HOME\/\.local\/share\//),
        );
    }
  });

  it("is found from the folder and from folders in it, by their real paths", () => {
    using place = new Place();
    mkdirSync(join(place.root, "a/b"), { recursive: true });
    symlinkSync(join(place.root, "a"), join(place.folder, "link"));
    expect(findGuard(place.root, place.environment)).toBeUndefined();
    place.open();
    expect(findGuard(place.root, place.environment)).toMatchObject({ root: ".", path: place.path });
    expect(findGuard(join(place.root, "a/b"), place.environment)).toMatchObject({ root: "../.." });
    expect(findGuard(join(place.folder, "link"), place.environment)).toMatchObject({ root: "../work" });
    expect(findGuard(place.folder, place.environment)).toBeUndefined();
  });

  it("is missing where none is to be made", () => {
    using place = new Place();
    expect(place.open({ makes: false })).toMatchObject({ code: "GUARD_NOT_FOUND" });
    place.open();
    expect(place.open({ makes: false })).toMatchObject({ isSameFolder: true });
  });

  it("notices another folder at the path, by inode and birth time, and goes on", () => {
    using place = new Place();
    place.open();
    renameSync(place.root, join(place.folder, "moved"));
    mkdirSync(place.root);
    expect(place.open()).toMatchObject({ isSameFolder: false, isRecorded: true });
    expect(place.open()).toMatchObject({ isSameFolder: true });
  });

  it("is refused as a link, wherever it leads", () => {
    using place = new Place();
    mkdirSync(join(place.folder, "elsewhere"), { mode: 0o700 });
    mkdirSync(join(place.path, ".."), { recursive: true, mode: 0o700 });
    symlinkSync(join(place.folder, "elsewhere"), place.path);
    expect(place.open()).toMatchObject({ code: "GUARD_PLACE_REFUSED", details: { refusal: "link" } });
    rmSync(join(place.path, ".."), { recursive: true });
    symlinkSync(join(place.folder, "elsewhere"), join(place.path, ".."));
    expect(place.open()).toMatchObject({ code: "GUARD_PLACE_REFUSED", details: { refusal: "link" } });
  });

  it("is refused if other users may look into it, or it belongs to another user", () => {
    using place = new Place();
    place.open();
    chmodSync(place.path, 0o750);
    expect(place.open()).toMatchObject({ code: "GUARD_PLACE_REFUSED", details: { refusal: "mode" } });
    chmodSync(place.path, 0o700);
    if (process.geteuid?.() !== 0) return;
    chownSync(place.path, 12345, 12345);
    expect(place.open()).toMatchObject({ code: "GUARD_PLACE_REFUSED", details: { refusal: "owner" } });
  });

  it("is refused if other users may write above it", () => {
    using place = new Place();
    place.open();
    chmodSync(join(place.path, "../.."), 0o777);
    expect(place.open()).toMatchObject({ code: "GUARD_PLACE_REFUSED", details: { refusal: "mode" } });
  });

  it("is refused if its record is not one, or names another folder", () => {
    using place = new Place();
    place.open();
    writeFileSync(join(place.path, "root"), "{}\n");
    expect(place.open()).toMatchObject({ code: "GUARD_PLACE_REFUSED", details: { refusal: "malformed" } });
    const record = { birth_time: "1", inode: "2", path: "/other", version: 1 };
    writeFileSync(join(place.path, "root"), `${JSON.stringify(record)}\n`);
    expect(place.open()).toMatchObject({ code: "GUARD_PLACE_REFUSED", details: { refusal: "other-folder" } });
    rmSync(join(place.path, "root"));
    symlinkSync("/etc/passwd", join(place.path, "root"));
    expect(place.open()).toMatchObject({ code: "GUARD_PLACE_REFUSED", details: { refusal: "malformed" } });
  });

  it("may be a folder of the user's choice, but not inside the guarded one", () => {
    using place = new Place();
    const at = (name: string): Partial<GuardRequest> => ({
      store: join(place.folder, name),
      shownStore: name,
    });
    expect(place.open(at("store"))).toMatchObject({ shown: "store", isSameFolder: true });
    expect(modeOf(join(place.folder, "store"))).toBe("0700");
    expect(place.open(at("work/store"))).toMatchObject({
      code: "GUARD_PLACE_REFUSED",
      details: { path: "work/store" },
    });
    expect(place.open(at("work"))).toMatchObject({ code: "GUARD_PLACE_REFUSED" });
    expect(readdirSync(place.root)).toEqual([]);
    mkdirSync(join(place.folder, "open"));
    chmodSync(join(place.folder, "open"), 0o755);
    expect(place.open(at("open"))).toMatchObject({
      code: "GUARD_PLACE_REFUSED",
      details: { refusal: "mode" },
    });
    symlinkSync(join(place.folder, "store"), join(place.folder, "link"));
    expect(place.open(at("link"))).toMatchObject({ isSameFolder: true });
  });
});
