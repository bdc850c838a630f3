import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, renameSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  RESTORE_CODES,
  type RestoreCode,
  type RevertCode,
  TRANSACTION_CODES,
} from "../../src/core/codes/codes.ts";
import type { RestorePhase } from "../../src/core/codes/restore-fault.ts";
import { AnchoredRoot } from "../../src/node/files/anchored-root.ts";
import { type FileSystem, nodeFileSystem } from "../../src/node/files/file-system.ts";
import { NO_ENTRIES } from "../../src/node/restore/target/entries.ts";
import { ExistingRoot } from "../../src/node/restore/target/existing-root.ts";
import { sealBundle, writeBundle } from "../support/bundle.ts";
import { ChainScene } from "../support/chain-scene.ts";
import {
  type Call,
  interceptFileSystem,
  isStaging,
  meddlingFileSystem,
  puts,
  systemError,
} from "../support/faulty-file-system.ts";
import { restoreBundle, undoRestore } from "../support/restore-acts.ts";
import { ANY_SIGNER, changesOf, Scene, UNCHANGED, writeAt } from "../support/restore-scene.ts";

/** A restore or an undo that fails, as far as it matters here. */
interface Ending {
  readonly ok: boolean;
  readonly code?: RestoreCode | null;
  readonly cause_code?: RestoreCode | null;
  readonly phase?: RestorePhase;
}

/** How a code is raised: in which phase, and whether the target is then as it was before `raise`. */
interface Way {
  readonly phase: RestorePhase;
  /** Something has to be left. */
  readonly leaves?: true;
  readonly arrange?: (stage: Stage) => unknown;
  readonly raise: (stage: Stage) => Promise<Ending>;
}

/** A bundle, a chain, and a folder to restore into. */
interface Stage {
  readonly scene: Scene;
  readonly chain: ChainScene;
  readonly target: string;
}

/** A port on which the first call that fits fails. */
function failing(
  fits: (call: Call) => boolean,
  errno: Parameters<typeof systemError>[0] = "EIO",
): FileSystem {
  return interceptFileSystem((call, proceed) => {
    if (fits(call)) throw systemError(errno, call.name);
    return proceed();
  });
}

const named =
  (name: Call["name"], end: string) =>
  (call: Call): boolean =>
    call.name === name && call.address.endsWith(`/${end}`);

/** Writes an artifact anew and restores. */
const withProof =
  (text: string): Way["raise"] =>
  ({ scene, target }) => {
    writeFileSync(scene.artifact("PROOF.json"), text);
    return scene.restore(target);
  };

/** Restores while something happens to OUTPUT_HASHES.json, just before it is read again. */
const withHashes =
  (spoil: (path: string) => void): Way["raise"] =>
  ({ scene, target }) => {
    const fs = meddlingFileSystem(named("lstatSync", "OUTPUT_HASHES.json"), () =>
      spoil(scene.artifact("OUTPUT_HASHES.json")),
    );
    return scene.restore(target, fs);
  };

/** Restores a bundle that was sealed with paths that no disk holds. */
const ofPath =
  (path: string): Way["raise"] =>
  async ({ scene, target }) => {
    const sealed = { ...sealBundle({ outputs: { ok: "ok", [path]: "x" } }), outputs: { ok: "ok" } };
    return restoreBundle({
      ...writeBundle(join(scene.folder, "hostile"), sealed),
      target,
      trust: ANY_SIGNER,
    });
  };

/** Restores into another target than the one at hand. */
const into =
  (place: (target: string) => string): Way["raise"] =>
  ({ scene, target }) =>
    scene.restore(place(target));

/** Restores while something happens once. */
const whenever =
  (fits: (call: Call) => boolean, meddle: (stage: Stage) => void, when?: "after"): Way["raise"] =>
  (stage) => {
    const fs = meddlingFileSystem(fits, () => meddle(stage), when);
    return stage.scene.restore(stage.target, fs);
  };

const restored = ({ scene, target }: Stage) => scene.restore(target);
const undoes: Way["raise"] = ({ target }) => undoRestore({ target });

/** The fsync after the marker of the commit was made. */
function failingCommit(): FileSystem {
  let marked = false;
  return interceptFileSystem((call, proceed) => {
    if (marked && call.name === "fsyncSync") throw systemError("EIO", call.name);
    marked ||= named("openSync", "committed")(call);
    return proceed();
  });
}

/** Moves a file of a restore away, and lets it fail then. */
function failingAstray(target: string): FileSystem {
  return interceptFileSystem((call, proceed) => {
    if (!puts("RESTORE_REPORT.json")(call)) return proceed();
    renameSync(join(target, "a.txt"), join(target, "moved"));
    throw systemError("EIO", call.name);
  });
}

async function whileBusy({ scene, target }: Stage): Promise<Ending> {
  const root = AnchoredRoot.open(target);
  const origin = { started: "", runIds: [], bundleRoots: [], signers: [], name: undefined };
  const other = new ExistingRoot(root, target, NO_ENTRIES, origin, undefined, nodeFileSystem);
  try {
    await other.begin();
    return await scene.restore(target);
  } finally {
    other.end();
    other.close();
    root.close();
  }
}

/** Restores while this process may open a dozen more files: enough to verify by, and too few for a rollback. */
async function withFewDescriptors({ scene, target }: Stage): Promise<Ending> {
  const limit = (soft: string): string[] => ["--pid", String(process.pid), `--nofile=${soft}:`];
  const known = spawnSync("prlimit", [...limit("").slice(0, 2), "--nofile", "-o", "SOFT", "--noheadings"]);
  const open = new Set(readdirSync("/proc/self/fd").map(Number));
  let soft = 0;
  for (let free = 0; free < 12; soft++) if (!open.has(soft)) free++;
  spawnSync("prlimit", limit(String(soft)));
  try {
    return await scene.restore(target);
  } finally {
    spawnSync("prlimit", limit(known.stdout.toString().trim()));
  }
}

/** Raised only where folders can't be held by descriptor: cli/restore-elsewhere.test.ts. */
const ELSEWHERE = "RESTORE_PARENT_SHARED";

/** Every other code there is: the type asks for all of them. */
const WAYS: Readonly<Record<Exclude<RestoreCode, RevertCode | typeof ELSEWHERE>, Way>> = {
  RESTORE_VERIFY_STRICT_FAILED: {
    phase: "PREFLIGHT",
    raise: ({ scene, target }) => {
      writeFileSync(scene.source("a.txt"), "ALPHA\n");
      return scene.restore(target);
    },
  },
  EXPECTATION_FAILED: {
    phase: "PREFLIGHT",
    raise: ({ scene, target }) => scene.restore(target, undefined, { expectedBundleRoot: "0".repeat(64) }),
  },
  RESTORE_CHAIN_RUN_ID_DUPLICATE: {
    phase: "PREFLIGHT",
    raise: ({ chain, target }) =>
      chain.restoreChain(target, undefined, { bundles: [...chain.bundles, ...chain.bundles] }),
  },
  RESTORE_PROOF_MISSING: {
    phase: "PREFLIGHT",
    raise: ({ scene, target }) => {
      unlinkSync(scene.artifact("PROOF.json"));
      return scene.restore(target);
    },
  },
  RESTORE_PROOF_MALFORMED: { phase: "PREFLIGHT", raise: withProof("{") },
  RESTORE_PROOF_RESTORATION_RESULT_MISSING: { phase: "PREFLIGHT", raise: withProof("{}") },
  RESTORE_PROOF_NOT_VERIFIED: {
    phase: "PREFLIGHT",
    raise: withProof('{"restoration_result":{"condition":"RESTORED_IDENTICAL","verified":false}}'),
  },
  RESTORE_OUTPUT_HASHES_MISSING: { phase: "PREFLIGHT", raise: withHashes(unlinkSync) },
  RESTORE_OUTPUT_HASHES_MALFORMED: {
    phase: "PREFLIGHT",
    raise: withHashes((path) => writeFileSync(path, "{")),
  },
  RESTORE_OUTPUT_HASHES_HASHES_MISSING: {
    phase: "PREFLIGHT",
    raise: withHashes((path) => writeFileSync(path, "{}")),
  },
  RESTORE_OUTPUT_HASHES_HASHES_EMPTY: {
    phase: "PREFLIGHT",
    raise: async ({ target }) => {
      using empty = new Scene({});
      return await empty.restore(target);
    },
  },
  RESTORE_TARGET_MISSING: { phase: "PREFLIGHT", raise: into(() => "") },
  RESTORE_TARGET_NOT_ABSOLUTE: { phase: "PREFLIGHT", raise: into(() => "target") },
  RESTORE_TARGET_NOT_EXIST: { phase: "PREFLIGHT", raise: into((target) => join(target, "none")) },
  RESTORE_TARGET_NOT_DIRECTORY: { phase: "PREFLIGHT", raise: into((target) => join(target, "keep/own.txt")) },
  RESTORE_TARGET_NOT_WRITABLE: {
    phase: "PREFLIGHT",
    raise: ({ scene, target }) =>
      scene.restore(
        target,
        failing(({ name }) => name === "accessSync", "EACCES"),
      ),
  },
  RESTORE_PATH_TRAVERSAL_DETECTED: { phase: "PREFLIGHT", raise: ofPath("../x") },
  RESTORE_PATH_NULL_BYTE_DETECTED: { phase: "PREFLIGHT", raise: ofPath("a\0b") },
  RESTORE_SYMLINK_ESCAPE_DETECTED: {
    phase: "PREFLIGHT",
    arrange: ({ scene, target }) => symlinkSync(scene.outside, join(target, "data")),
    raise: restored,
  },
  RESTORE_CHAIN_TARGET_DIR_EXISTS: {
    phase: "PREFLIGHT",
    arrange: ({ target }) => mkdirSync(join(target, "run-002")),
    raise: ({ chain, target }) => chain.restoreChain(target),
  },
  RESTORE_SELECTION_NOT_FOUND: {
    phase: "PLAN",
    raise: ({ scene, target }) => scene.restore(target, undefined, { only: ["none"] }),
  },
  RESTORE_LINK_LEAVES_ROOT: {
    phase: "PLAN",
    raise: async ({ target }) => {
      using leaving = new Scene({ a: "alpha\n" }, undefined, { links: { up: "../outside" } });
      return await leaving.restore(target);
    },
  },
  RESTORE_SOURCE_MISSING: {
    phase: "EXECUTE",
    raise: whenever(isStaging, ({ scene }) => unlinkSync(scene.source("a.txt"))),
  },
  RESTORE_SOURCE_NOT_REGULAR_FILE: {
    phase: "PLAN",
    raise: ({ scene, target }) => {
      renameSync(scene.source("a.txt"), scene.source("real.txt"));
      symlinkSync("real.txt", scene.source("a.txt"));
      return scene.restore(target);
    },
  },
  RESTORE_TARGET_PATH_EXISTS: {
    phase: "EXECUTE",
    arrange: ({ target }) => writeAt(target, { "a.txt": "other user" }),
    raise: restored,
  },
  RESTORE_STAGING_HASH_MISMATCH: {
    phase: "EXECUTE",
    raise: whenever(isStaging, ({ scene }) => writeFileSync(scene.source("a.txt"), "ALPHA\n")),
  },
  RESTORE_FINALIZE_FAILED: {
    phase: "EXECUTE",
    raise: ({ scene, target }) => scene.restore(target, failing(puts("d.txt"))),
  },
  RESTORE_OUTPUT_MISSING_AFTER_RESTORE: {
    phase: "VERIFY",
    raise: whenever(puts("d.txt"), ({ target }) => unlinkSync(join(target, "a.txt")), "after"),
  },
  RESTORE_HASH_MISMATCH_AFTER_RESTORE: {
    phase: "VERIFY",
    raise: whenever(puts("d.txt"), ({ target }) => writeFileSync(join(target, "a.txt"), "ALPHA\n"), "after"),
  },
  RESTORE_RESULT_ARTIFACT_WRITE_FAILED: {
    phase: "VERIFY",
    raise: ({ scene, target }) => scene.restore(target, failing(puts("RESTORE_MANIFEST.json"))),
  },
  RESTORE_ROLLBACK_FAILED: {
    phase: "EXECUTE",
    leaves: true,
    raise: ({ scene, target }) =>
      scene.restore(
        target,
        failing((call) => puts("d.txt")(call) || named("unlinkSync", "a.txt")(call)),
      ),
  },
  RESTORE_INTERNAL_ERROR: {
    phase: "EXECUTE",
    raise: ({ scene, target }) =>
      scene.restore(
        target,
        failing(({ name }) => name === "writeSync", "ENOSPC"),
      ),
  },
  RESTORE_BUSY: { phase: "PREFLIGHT", raise: whileBusy },
  RESTORE_UNRESOLVED: {
    phase: "PREFLIGHT",
    arrange: ({ scene, target }) => scene.restore(target, failingAstray(target)),
    raise: restored,
  },
  RESTORE_IN_DOUBT: {
    phase: "VERIFY",
    leaves: true,
    raise: ({ scene, target }) => scene.restore(target, failingCommit()),
  },
  RESTORE_STATE_UNAVAILABLE: {
    phase: "EXECUTE",
    raise: ({ scene, target }) =>
      scene.restore(target, undefined, { environment: { XDG_STATE_HOME: scene.source("a.txt") } }),
  },
  RESTORE_TOO_FEW_DESCRIPTORS: { phase: "EXECUTE", raise: withFewDescriptors },
  RECOVER_FOREIGN_JOURNAL: {
    phase: "PREFLIGHT",
    arrange: ({ target }) => {
      const staging = join(target, ".spectrum06_staging_00000000-0000-4000-8000-000000000000");
      mkdirSync(staging, { mode: 0o700 });
      writeFileSync(join(staging, "journal"), "an archive's\n");
    },
    raise: restored,
  },
  UNDO_MANIFEST_MISSING: { phase: "PREFLIGHT", raise: undoes },
  UNDO_MANIFEST_MALFORMED: {
    phase: "PREFLIGHT",
    arrange: async ({ scene, target }) => {
      await scene.restore(target);
      writeFileSync(join(target, "RESTORE_MANIFEST.json"), "{}");
    },
    raise: undoes,
  },
  UNDO_AMBIGUOUS: {
    phase: "PREFLIGHT",
    arrange: async ({ chain, target }) => {
      await chain.restoreChain(target);
      await restoreOther(target);
    },
    raise: undoes,
  },
  UNDO_TARGET_CHANGED: {
    phase: "PLAN",
    arrange: async ({ scene, target }) => {
      await scene.restore(target);
      writeFileSync(join(target, "a.txt"), "ALPHA\n");
    },
    raise: undoes,
  },
};

/** A run of another chain beside the chain that is there. */
async function restoreOther(target: string): Promise<void> {
  using other = new ChainScene({ "run-009": { "z.txt": "zeta\n" } });
  await other.restoreChain(target);
}

const raised = new Set<string>();

describe("every code of a restore and of an undo is raised (PROTOCOL 13)", () => {
  it.each(Object.entries(WAYS))("%s", async (code, { phase, leaves, arrange, raise }) => {
    using scene = new Scene();
    using chain = new ChainScene();
    const stage = { scene, chain, target: scene.existingTarget() };
    await arrange?.(stage);
    const { value: ending, change } = await changesOf(stage.target, () => raise(stage));
    const cause_code = code === "RESTORE_ROLLBACK_FAILED" ? "RESTORE_FINALIZE_FAILED" : null;
    expect(ending).toMatchObject({ ok: false, code, phase, cause_code });
    if (leaves === undefined) expect(change).toEqual(UNCHANGED);
    raised.add(code);
  });

  it("and there are no others", () => {
    expect([...raised, ELSEWHERE].sort()).toEqual([...RESTORE_CODES, ...TRANSACTION_CODES].sort());
  });
});
