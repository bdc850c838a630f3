/**
 * Runs are pushed and pulled through a proxy that breaks requests, again and again until both are done. A try may fail; what it must
 * never do is show a run that is not whole, or lose one that was said to be there.
 */

import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { judgeBundle } from "../../src/node/judge/verify/verify-bundle-files.ts";
import { openOwnRun } from "../../src/node/move/carry/project-run.ts";
import { pullRun } from "../../src/node/move/carry/pull-run.ts";
import { pushRun } from "../../src/node/move/carry/push-run.ts";
import { RegistrySource } from "../../src/node/move/carry/registry-source.ts";
import { makeProjectWithKey, type Project } from "../support/command/cli.ts";
import {
  type FaultProxy,
  PROXY_FAULTS,
  type ProxyFault,
  type Schedule,
  startFaultProxy,
} from "../support/registry/fault-proxy.ts";
import { hasRegistry, type RealRegistry, startRegistry } from "../support/registry/real-registry.ts";
import { openAt } from "../support/registry/registry-scene.ts";
import { Matrix, TAKES_ALL } from "../support/rings/matrix.ts";
import { drawing } from "../support/rings/ring.ts";

/** Runs that are carried for each kind of fault. */
const ROUNDS = TAKES_ALL ? 10 : 1;

/** About one request of so many is broken. */
const ONE_OF = 12;

/** So many tries are never needed: a push that makes no progress would go on for ever. */
const MOST_TRIES = 300;

const KIB = 1024;

const scene: { registry?: RealRegistry; project?: Project } = {};

beforeAll(async () => {
  if (!hasRegistry()) return;
  scene.registry = await startRegistry();
  scene.project = await makeProjectWithKey({});
});

afterAll(async () => {
  await scene.registry?.[Symbol.asyncDispose]();
  scene.project?.[Symbol.dispose]();
});

/** Breaks about one request of so many, and one of the first few in any case; which ones, the seed says. */
function scheduleOf(kinds: readonly ProxyFault[], stream: number): Schedule {
  const draw = drawing(stream);
  let pass = draw(ONE_OF / 2);
  return ({ method }) => {
    const fault = kinds[draw(kinds.length)];
    const where = draw(1000) / 1000;
    if (fault === undefined || !hasBody(fault, method) || pass-- > 0) return undefined;
    pass = draw(ONE_OF * 2 - 1);
    return { fault, where };
  };
}

/** Whether there is something to corrupt. */
function hasBody(fault: ProxyFault, method = ""): boolean {
  if (fault === "corrupt the request") return method === "PUT" || method === "PATCH";
  return fault !== "corrupt the answer" || method === "GET";
}

/** A run of small files and two large ones, which take several requests each. */
async function sealRun(project: Project, id: string): Promise<void> {
  const out = project.at(id);
  mkdirSync(out);
  for (let file = 0; file < 20; file++) writeFileSync(join(out, `small-${file}`), randomBytes(2 * KIB));
  for (const name of ["large-a", "large-b"]) writeFileSync(join(out, name), randomBytes(1500 * KIB));
  await project.done(["seal", id, "--id", id, "--no-keep"]);
}

interface Carried {
  readonly pushTries: number;
  readonly pullTries: number;
  /** Runs that were not there although a push or pull said so. */
  readonly lost: number;
  /** Runs that were there and not right. */
  readonly wrong: number;
}

/** Pushes and pulls one run until both were done. */
async function carry(id: string, { host }: FaultProxy): Promise<Carried> {
  const { project } = scene;
  if (project === undefined) throw new TypeError("made before");
  await sealRun(project, id);
  const pushTries = await untilDone(async () => {
    using repository = openAt(host, { repository: `faults/${id}`, chunkBytes: 512 * KIB });
    const own = await openOwnRun({
      bundle: project.at(".runseal/runs", id),
      root: project.root,
      home: project.root,
    });
    if (!own.ok) throw new Error(own.code);
    using _ = own.value.outputs;
    return (await pushRun(own.value, { repository, tags: ["v1"] })).ok;
  });
  const into = project.at(`pulled-${id}`);
  const bundle = join(into, ".runseal/pulled", id);
  let wrong = 0;
  const pullTries = await untilDone(async () => {
    using repository = openAt(host, { repository: `faults/${id}` });
    const source = new RegistrySource({ repository, address: { tag: "v1" } });
    const pulled = await pullRun({ source, shown: "v1", into, refuseSigner: () => undefined });
    // A failed pull must leave no run.
    if (!pulled.ok && existsSync(bundle)) wrong += 1;
    return pulled.ok;
  });
  if (!existsSync(bundle)) return { pushTries, pullTries, lost: 1, wrong };
  const verdict = await judgeBundle({ bundle, root: into, from: "store" });
  const isSame = ["PROOF.json", "OUTPUT_HASHES.json"].every((name) =>
    readFileSync(join(bundle, name)).equals(readFileSync(project.at(".runseal/runs", id, name))),
  );
  return { pushTries, pullTries, lost: 0, wrong: wrong + (verdict.ok && isSame ? 0 : 1) };
}

async function untilDone(act: () => Promise<boolean>): Promise<number> {
  for (let tries = 1; tries <= MOST_TRIES; tries++) if (await act()) return tries;
  throw new Error(`not done after ${MOST_TRIES} tries`);
}

describe.skipIf(!hasRegistry())("runs that are carried through a line that breaks", () => {
  const columns = ["runs", "broken", "pushes", "pulls", "lost", "wrong"];
  const matrix = new Matrix("requests to a registry", columns);

  afterAll(() => matrix.print());

  const kinds: readonly (readonly [string, readonly ProxyFault[]])[] = [
    ...PROXY_FAULTS.map((fault) => [fault, [fault]] as const),
    ["any of these", PROXY_FAULTS],
  ];

  it.each(kinds)("arrive, none lost and none wrong: %s", async (name, faults) => {
    if (scene.registry === undefined) throw new TypeError("made before");
    const stream = kinds.findIndex(([other]) => other === name) + 1;
    await using proxy = await startFaultProxy(scene.registry.host, scheduleOf(faults, stream));
    const sums = { pushes: 0, pulls: 0, lost: 0, wrong: 0 };
    for (let round = 0; round < ROUNDS; round++) {
      const carried = await carry(`run-${stream}-${round}`, proxy);
      sums.pushes += carried.pushTries;
      sums.pulls += carried.pullTries;
      sums.lost += carried.lost;
      sums.wrong += carried.wrong;
    }
    matrix.row(name, ROUNDS, proxy.faults, sums.pushes, sums.pulls, sums.lost, sums.wrong);
    expect(proxy.faults, "the proxy must break something").toBeGreaterThan(0);
    expect(sums).toMatchObject({ lost: 0, wrong: 0 });
  });
});
