import fs, { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished, vi } from "vitest";
import { SecretKeySigner } from "../../../../src/node/keys/secret-key-signer.ts";
import { sealOutputs } from "../../../../src/node/make/seal/seal-outputs.ts";
import { secretOf } from "../../../support/bundles/keys.ts";
import { makeFolder, removeTree } from "../../../support/files/tree.ts";

/** What seals cost of which no clock tells. */
interface Cost {
  calls: number;
  bytes: number;
}

/** Counts the calls for files, and the bytes that they read and write. */
function counting(): Cost {
  const cost = { calls: 0, bytes: 0 };
  for (const name of ["lstatSync", "openSync", "readdirSync"] as const) {
    const call = fs[name] as (...args: unknown[]) => unknown;
    vi.spyOn(fs, name).mockImplementation(((...args: unknown[]) => {
      cost.calls++;
      return call(...args);
    }) as never);
  }
  for (const name of ["readSync", "writeSync"] as const) {
    const call = fs[name] as (...args: unknown[]) => number;
    vi.spyOn(fs, name).mockImplementation(((...args: unknown[]) => {
      const bytes = call(...args);
      cost.bytes += bytes;
      return bytes;
    }) as never);
  }
  onTestFinished(() => void vi.restoreAllMocks());
  return cost;
}

/** Packs are joined every few seals: so many of them tell what one costs. */
const SOME = 36;

const COUNT = 300;

it.each([
  ["", false],
  [", also where the head of an earlier history is remembered", true],
])(
  "a seal costs as many calls and bytes behind a long history as behind a short one%s",
  async (_, isAnew) => {
    const folder = makeFolder();
    onTestFinished(() => removeTree(folder));
    const root = join(folder, "project");
    mkdirSync(root);
    using seed = secretOf(new Uint8Array(32).fill(7));
    using signer = new SecretKeySigner(seed);
    const environment = { XDG_STATE_HOME: join(folder, "state") };
    const request = { cwd: root, root, names: "portable", signer, environment } as const;
    if (isAnew) {
      writeFileSync(join(root, "gone"), "gone");
      const earlier = await sealOutputs({ ...request, paths: ["gone"], runId: "gone", now: 1_600_000_000 });
      expect(earlier).toMatchObject({ ok: true, value: { memory: "remembered" } });
      rmSync(join(root, ".runseal"), { recursive: true });
    }
    const cost = counting();
    const until: Cost[] = [];
    for (let number = 0; number < COUNT; number++) {
      const runId = `run-${number}`;
      writeFileSync(join(root, runId), runId);
      const sealed = await sealOutputs({ ...request, paths: [runId], runId, now: 1_700_000_000 + number });
      if (!sealed.ok) throw new Error(sealed.code);
      expect(sealed.value.memory).toBe(isAnew ? "diverged" : "remembered");
      until.push({ ...cost });
    }
    const costFrom = (from: number, of: keyof Cost): number =>
      (until[from + SOME]?.[of] ?? 0) - (until[from]?.[of] ?? 0);
    const growth = (of: keyof Cost): number => costFrom(COUNT - SOME - 1, of) / costFrom(SOME, of);
    expect(growth("calls")).toBeLessThan(1.05);
    // Each byte of a pack is copied about as often as the logarithm of the number of seals.
    expect(growth("bytes")).toBeLessThan(1.3);
  },
  120_000,
);
