import {
  chownSync,
  closeSync,
  lchownSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { followOwnLinks } from "../../../../src/node/system/files/follow-own-links.ts";
import { FileEdit } from "../../../../src/node/system/locks/file-edit.ts";
import { modeOf, namesIn } from "../../../support/command/cli.ts";
import { makeFolder, removeTree } from "../../../support/files/tree.ts";

const ID = "01234567-89ab-cdef-0123-456789abcdef";
const NOBODY = 65_534;
const IS_ROOT = process.getuid?.() === 0;

let folder: string;
let file: string;
beforeEach(() => {
  folder = makeFolder();
  file = join(folder, "file");
  writeFileSync(file, "old");
});
afterEach(() => removeTree(folder));

async function open(path: string = file): Promise<FileEdit> {
  const opened = await FileEdit.open(path, "FILE");
  if (!opened.ok) throw new Error(opened.code);
  return opened.value;
}

/** What a killed command leaves: a lock with a socket without a listener, and staged bytes. */
async function leaveDeadLock(stage: (address: string) => void): Promise<void> {
  const lock = join(folder, ".file.lock");
  mkdirSync(lock, { mode: 0o700 });
  stage(join(lock, `${ID}.new`));
  const socket = join(lock, ID);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  linkSync(socket, join(folder, "kept"));
  await new Promise<void>((resolve) => server.close(() => resolve()));
  linkSync(join(folder, "kept"), socket);
  removeTree(join(folder, "kept"));
}

describe("an edit of a file", () => {
  it("puts the new bytes in the file's place and leaves nothing beside it", async () => {
    const edit = await open();
    expect(edit.read(100)).toMatchObject({ kind: "file", bytes: new Uint8Array(Buffer.from("old")) });
    edit.stage(Buffer.from("new"), { mode: 0o640 });
    expect(readFileSync(file, "utf8")).toBe("old");
    expect(edit.place()).toBe(true);
    edit.close();
    expect(readFileSync(file, "utf8")).toBe("new");
    expect(modeOf(file)).toBe("0640");
    expect(namesIn(folder)).toEqual(["file"]);
  });

  it("replaces nothing if a program that ignores the lock has changed the file since it was read", async () => {
    const edit = await open();
    edit.read(100);
    edit.stage(Buffer.from("new"), { mode: 0o644 });
    writeFileSync(file, "editor");
    expect(edit.place()).toBe(false);
    edit.close();
    expect(readFileSync(file, "utf8")).toBe("editor");
    expect(namesIn(folder)).toEqual(["file"]);
  });

  it("closes the folder of staged bytes to every other user, whatever the umask", async () => {
    const before = process.umask(0);
    try {
      const edit = await open();
      expect(modeOf(join(folder, ".file.lock"))).toBe("0700");
      edit.close();
    } finally {
      process.umask(before);
    }
  });

  it("waits until the edit before it has ended", async () => {
    const first = await open();
    const order: string[] = [];
    const second = open().then((edit) => {
      order.push("second");
      edit.close();
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    order.push("first");
    first.close();
    await second;
    expect(order).toEqual(["first", "second"]);
    expect(namesIn(folder)).toEqual(["file"]);
  });

  it("places a new file and removes its staged name without overwriting the file", async () => {
    const fresh = join(folder, "fresh");
    const edit = await open(fresh);
    edit.isThere();
    edit.stage(Buffer.from("new"), { mode: 0o600 });
    edit.placeNew();
    edit.close();
    expect(readFileSync(fresh, "utf8"), "the staged name was a second name of the file").toBe("new");
    expect(namesIn(folder)).toEqual(["file", "fresh"]);
  });

  it("does not read a link, a folder or more bytes than it was allowed", async () => {
    const edit = await open();
    expect(edit.read(2)).toEqual({ kind: "too-large" });
    edit.close();
    symlinkSync("file", join(folder, "link"));
    const link = await open(join(folder, "link"));
    expect(link.read(100)).toEqual({ kind: "not-a-file" });
    link.close();
  });
});

describe("what a killed edit left", () => {
  it("is overwritten and removed by the next edit of that file", async () => {
    await leaveDeadLock((address) => writeFileSync(address, "secret"));
    const left = openSync(join(folder, ".file.lock", `${ID}.new`), "r");
    const edit = await open();
    edit.close();
    expect(readFileSync(left, "latin1")).toBe("\0".repeat("secret".length));
    closeSync(left);
    expect(namesIn(folder)).toEqual(["file"]);
  });

  it("is removed without a write if it has a second name, as a planted hard link has", async () => {
    const victim = join(folder, "victim");
    writeFileSync(victim, "precious");
    await leaveDeadLock((address) => linkSync(victim, address));
    const edit = await open();
    edit.close();
    expect(readFileSync(victim, "utf8")).toBe("precious");
    expect(namesIn(folder)).toEqual(["file", "victim"]);
  });

  it("is removed without following it if it is a link", async () => {
    const victim = join(folder, "victim");
    writeFileSync(victim, "precious");
    await leaveDeadLock((address) => symlinkSync(victim, address));
    const edit = await open();
    edit.close();
    expect(readFileSync(victim, "utf8")).toBe("precious");
    expect(namesIn(folder)).toEqual(["file", "victim"]);
  });

  it("may claim any size: no more is overwritten than a key is long", async () => {
    await leaveDeadLock((address) => {
      writeFileSync(address, "");
      truncateSync(address, 2 ** 40);
    });
    const edit = await open();
    edit.close();
    expect(namesIn(folder)).toEqual(["file"]);
  });

  it("is removed if its lock holder could not remove it itself", async () => {
    mkdirSync(join(folder, ".file.lock"));
    writeFileSync(join(folder, ".file.lock", `${ID}.old-companion`), "public");
    const edit = await open();
    edit.close();
    expect(namesIn(folder)).toEqual(["file"]);
  });

  it("is left alone if it is not what runseal makes, and the edit is refused", async () => {
    mkdirSync(join(folder, ".file.lock"));
    writeFileSync(join(folder, ".file.lock", "notes.txt"), "mine");
    expect(await FileEdit.open(file, "some/FILE")).toMatchObject({
      ok: false,
      code: "LOCKED",
      details: { reason: "file", path: "some/.FILE.lock" },
    });
    expect(namesIn(join(folder, ".file.lock"))).toEqual(["notes.txt"]);
  });
});

describe("links to a file that is edited", () => {
  it("are followed to the file, and a missing file is its own place", () => {
    symlinkSync("file", join(folder, "one"));
    symlinkSync(join(folder, "one"), join(folder, "two"));
    expect(followOwnLinks(join(folder, "two"))).toBe(file);
    expect(followOwnLinks(join(folder, "missing"))).toBe(join(folder, "missing"));
  });

  it("are not followed into nothing, nor in a circle", () => {
    symlinkSync("nowhere", join(folder, "dangling"));
    symlinkSync("circle", join(folder, "circle"));
    expect(followOwnLinks(join(folder, "dangling"))).toBeUndefined();
    expect(followOwnLinks(join(folder, "circle"))).toBeUndefined();
  });

  it.skipIf(!IS_ROOT)("are followed by root only if they belong to root or to the owner of the file", () => {
    const link = join(folder, "link");
    symlinkSync(file, link);
    lchownSync(link, NOBODY, NOBODY);
    expect(followOwnLinks(link), "a link of another user to a file of root's").toBeUndefined();
    chownSync(file, NOBODY, NOBODY);
    expect(followOwnLinks(link), "a link of the file's own owner").toBe(file);
  });
});
