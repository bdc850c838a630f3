/**
 * What crosses the line to a registry, counted by a proxy: what is shared is sent once, what broke off is not sent again, and one file of
 * many needs few bytes. By hand at full size: RUNSEAL_CARRIED_MIB=1024, RUNSEAL_CARRIED_FILES=100000.
 */

import { randomFillSync } from "node:crypto";
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeProjectWithKey, type Project } from "../../support/command/cli.ts";
import { type FaultProxy, startFaultProxy } from "../../support/registry/fault-proxy.ts";
import { hasRegistry, type RealRegistry, startRegistry } from "../../support/registry/real-registry.ts";

const MIB = 1024 * 1024;

/** Bytes of a large output. */
const LARGE = Number(process.env["RUNSEAL_CARRIED_MIB"] ?? 4) * MIB;

/** Small outputs, of 4 KiB each. */
const FILES = Number(process.env["RUNSEAL_CARRIED_FILES"] ?? 1000);
const FILE_BYTES = 4096;

const IS_BY_HAND = LARGE > 100 * MIB || FILES > 10_000;

const scene: { registry?: RealRegistry } = {};

beforeAll(async () => {
  if (hasRegistry()) scene.registry = await startRegistry();
});

afterAll(async () => await scene.registry?.[Symbol.asyncDispose]());

async function startProxy(): Promise<FaultProxy> {
  if (scene.registry === undefined) throw new TypeError("started before");
  return await startFaultProxy(scene.registry.host);
}

/** Incompressible bytes, a block at a time. */
function writeLarge(address: string): void {
  const block = Buffer.allocUnsafe(MIB);
  const fd = openSync(address, "wx");
  try {
    for (let left = LARGE; left > 0; left -= MIB) writeSync(fd, randomFillSync(block));
  } finally {
    closeSync(fd);
  }
}

function say(text: string): void {
  if (IS_BY_HAND) console.log(text);
}

/** A project with a run `one` that has a large output. */
async function makeLargeRun(): Promise<Project> {
  const project = await makeProjectWithKey({ "out/a.txt": "alpha\n" });
  writeLarge(project.at("out/large"));
  await project.done(["seal", "out", "--id", "one"]);
  return project;
}

describe.skipIf(!hasRegistry())("what crosses the line to a registry", () => {
  it("is each byte once where a pull's connection is lost in the middle of a large output", async () => {
    await using proxy = await startProxy();
    using project = await makeLargeRun();
    const reference = `${proxy.host}/bytes/lost:v1`;
    await project.done(["push", "one", reference]);
    // The first request of each blob, which has no range.
    proxy.schedule = ({ headers, method, url }) => {
      const isFirst = method === "GET" && url?.includes("/blobs/") === true && headers.range === undefined;
      return isFirst ? { fault: "cut the answer", where: 0.5 } : undefined;
    };
    await project.done(["pull", reference, "--here", "--project", "there"]);
    await project.done(["verify", "one", "--stored", "--project", "there"]);
    say(`pulled ${proxy.sentDown} bytes of ${LARGE}, cut ${proxy.faults} times`);
    expect(proxy.faults).toBeGreaterThan(2);
    expect(proxy.sentDown).toBeGreaterThan(LARGE);
    expect(proxy.sentDown).toBeLessThan(LARGE + MIB / 4);
  });

  it("is at most the large output again where a push's connection is lost in the middle of it", async () => {
    await using proxy = await startProxy();
    using project = await makeLargeRun();
    const reference = `${proxy.host}/bytes/sent:v1`;
    let isCut = false;
    proxy.schedule = ({ headers }) => {
      const length = Number(headers["content-length"] ?? 0);
      if (isCut || length < MIB || proxy.sentUp + length <= LARGE / 2) return undefined;
      isCut = true;
      return { fault: "cut the request", where: 0.5 };
    };
    await project.done(["push", "one", reference]);
    say(`pushed ${proxy.sentUp} bytes of ${LARGE}, cut ${proxy.faults} times`);
    expect(proxy.faults).toBe(1);
    // docker-registry does not go on with a request that broke off: the blob begins anew, and the others are there.
    expect(proxy.sentUp).toBeLessThan(2 * LARGE + MIB / 4);
    await project.done(["verify", reference]);
  });

  it("is less than 5 % of a run for a restore of one of its files", async () => {
    await using proxy = await startProxy();
    using project = await makeProjectWithKey({});
    for (let file = 0; file < FILES; file++) {
      const folder = project.at("out", `d${Math.floor(file / 100)}`);
      if (file % 100 === 0) mkdirSync(folder, { recursive: true });
      writeFileSync(`${folder}/f${file}`, randomFillSync(Buffer.allocUnsafe(FILE_BYTES)));
    }
    await project.done(["seal", "out", "--id", "one", "--no-keep"]);
    const reference = `${proxy.host}/bytes/only:v1`;
    await project.done(["push", "one", reference]);
    const path = `out/d5/f${5 * 100 + 42}`;
    const before = proxy.sentDown;
    await project.done(["restore", reference, "--only", path, "--to", "there", "--mkdir"]);
    const read = proxy.sentDown - before;
    say(`restored one of ${FILES} files with ${read} bytes of ${proxy.sentUp}`);
    expect(readFileSync(project.at("there", path)).equals(readFileSync(project.at(path)))).toBe(true);
    expect(read).toBeGreaterThan(FILE_BYTES);
    expect(read).toBeLessThan(0.05 * proxy.sentUp);
  });
});
