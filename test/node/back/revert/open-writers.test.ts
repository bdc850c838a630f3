import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  closeSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findOpenWriters, type SoughtFile } from "../../../../src/node/back/revert/open-writers.ts";

const IS_ROOT = process.geteuid?.() === 0;

let folder: string;
let children: ChildProcess[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "runseal-open-writers-"));
  children = [];
});

afterEach(async () => {
  for (const child of children) {
    child.kill("SIGKILL");
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  }
  rmSync(folder, { recursive: true });
});

function file(name: string): string {
  const path = join(folder, name);
  writeFileSync(path, "x".repeat(4096));
  return path;
}

function sought(...names: readonly string[]): SoughtFile[] {
  return names.map((path) => ({ path, ...identity(join(folder, path)) }));
}

function identity(path: string): { dev: bigint; ino: bigint } {
  const { dev, ino } = lstatSync(path, { bigint: true });
  return { dev, ino };
}

function birthOf(path: string): bigint {
  return lstatSync(path, { bigint: true }).birthtimeNs;
}

/** Starts a Python program, and waits until it says that it is ready. */
async function python(program: string, path: string): Promise<ChildProcess> {
  const end = "print('ready', flush=True); sys.stdin.read()";
  const text = `import mmap, os, sys\n${program}\n${end}`;
  const child = spawn("python3", ["-c", text, path], { stdio: ["pipe", "pipe", "inherit"] });
  children.push(child);
  if (child.stdout === null) throw new Error("the program has an output");
  await once(child.stdout, "data");
  return child;
}

describe("processes that write to files", () => {
  it("are those with a descriptor for writing", async () => {
    const child = await python("f = open(sys.argv[1], 'r+b')", file("a"));
    file("b");
    const found = findOpenWriters(sought("a", "b"));
    expect(found).toEqual([{ path: "a", pid: child.pid, command: expect.stringMatching(/^python3/) }]);
  });

  /** Maps a file, and closes its descriptors. */
  const MAPS = `
fd = os.open(sys.argv[1], os.O_RDWR)
m = mmap.mmap(fd, 4096, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE)
os.close(fd)
# mmap keeps a descriptor of its own.
for n in os.listdir('/proc/self/fd'):
    if int(n) > 2:
        try: os.close(int(n))
        except OSError: pass`;

  it("are those with a shared and writable map, also once the descriptor is closed", async () => {
    const child = await python(MAPS, file("a"));
    expect(findOpenWriters(sought("a"))).toMatchObject([{ path: "a", pid: child.pid }]);
  });

  // What root's CAP_SYS_ADMIN may look at is refused to an ordinary user, by whom CI runs this file too.
  it.skipIf(IS_ROOT)("are found without a privilege, and birth times stay birth times", async () => {
    const path = file("a");
    const child = await python(MAPS, path);
    const birth = birthOf(path);
    utimesSync(path, 1, 1);
    expect(findOpenWriters(sought("a"))).toMatchObject([{ path: "a", pid: child.pid }]);
    expect(birthOf(path)).toBe(birth);
  });

  it("are not those that only read, or that map privately", async () => {
    const program = `
f = open(sys.argv[1], 'rb')
r = mmap.mmap(f.fileno(), 4096, mmap.MAP_SHARED, mmap.PROT_READ)
p = mmap.mmap(f.fileno(), 4096, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_WRITE)`;
    await python(program, file("a"));
    expect(findOpenWriters(sought("a"))).toEqual([]);
  });

  it("are found by any name of the file", async () => {
    const other = join(folder, "other");
    linkSync(file("a"), other);
    const child = await python("f = open(sys.argv[1], 'ab')", other);
    const pid = child.pid;
    expect(findOpenWriters(sought("a", "other"))).toMatchObject([
      { path: "a", pid },
      { path: "other", pid },
    ]);
  });

  it("do not include this process", () => {
    const fd = openSync(file("a"), "r+");
    expect(findOpenWriters(sought("a"))).toEqual([]);
    closeSync(fd);
  });

  it("are not looked for if no file is sought", () => {
    expect(findOpenWriters([], join(folder, "missing"))).toEqual([]);
  });

  it("are passed over if they end meanwhile", () => {
    const proc = join(folder, "proc");
    mkdirSync(join(proc, "1/fd"), { recursive: true });
    writeFileSync(join(proc, "1/fd/3"), "");
    mkdirSync(join(proc, "2"));
    writeFileSync(join(proc, "uptime"), "");
    file("a");
    expect(findOpenWriters(sought("a"), proc)).toEqual([]);
  });

  it("are found where the kernel tells no inode of a descriptor, and a map only by its device", () => {
    const proc = join(folder, "proc");
    for (const each of ["3/fd", "3/fdinfo", "4"]) mkdirSync(join(proc, each), { recursive: true });
    linkSync(file("a"), join(proc, "3/fd/7"));
    writeFileSync(join(proc, "3/fdinfo/7"), "pos:\t0\nflags:\t0100002\nmnt_id:\t1\n");
    writeFileSync(join(proc, "3/comm"), "an editor\n");
    const { dev, ino } = identity(join(folder, "a"));
    const [major, minor] = [(dev >> 8n) & 0xfffn, (dev & 0xffn) | ((dev >> 12n) & 0xfff00n)];
    const device = `${major.toString(16).padStart(2, "0")}:${minor.toString(16).padStart(2, "0")}`;
    writeFileSync(join(proc, "4/maps"), `7f00-7f01 rw-s 00000000 ${device} ${ino}   /gone (deleted)\n`);
    expect(findOpenWriters(sought("a"), proc)).toEqual([
      { path: "a", pid: 3, command: "an editor" },
      { path: "a", pid: 4, command: "" },
    ]);
  });
});
