/**
 * What runseal needs of its machine, and whether it is there. Writes nothing, and opens no key further than its permissions.
 *
 * @module
 */

import { accessSync, constants, lstatSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import type { MachineReason } from "../../../core/internal.ts";
import { listKeyFiles } from "../../keys/key-store.ts";
import { secretMemory } from "../../keys/secret-bytes.ts";
import { readTrustPolicy } from "../../keys/trust/read-trust.ts";
import { refusalOfKey } from "../../keys/usable-key.ts";
import { findConfineHindrance } from "../../run/confine.ts";
import { canAnchor } from "../../system/files/anchored-dir.ts";
import { attempt, errnoOf, machineReason, reasonOf } from "../../system/runtime/machine-reason.ts";
import type { ConfineHindrance, OperationCode } from "../../system/runtime/operation-fault.ts";
import { systemName } from "../../system/runtime/this-system.ts";
import { type Environment, stateFolderOf, unusableVariable } from "../../system/runtime/user-home.ts";

/** What was found. */
export interface MachineFindings {
  readonly engine: {
    /** As Node says it, without the `v`. */
    readonly version: string;
    readonly platform: string;
    readonly architecture: string;
    readonly isSupported: boolean;
  };
  /** Whether keys stay in locked memory. */
  readonly hasSodium: boolean;
  /** Whether folders can be held by descriptor. */
  readonly hasProc: boolean;
  /** Why the command of a guarded run can't be confined; undefined if it can. */
  readonly confinement: ConfineHindrance | undefined;
  readonly clock: ClockFinding;
  readonly keys: KeysFinding;
  readonly trustFile: "good" | "missing" | "malformed" | "unreadable";
  readonly state: StateFinding;
}

/** How the clock stands. */
export type ClockFinding =
  | "good"
  /** It shows a time before runseal was written. */
  | "before-runseal"
  /** A file of the state folder was written later than the clock shows. */
  | "set-back";

/** The user's private keys. */
export interface KeysFinding {
  /** How many private keys there are; undefined if the folder can't be listed. */
  readonly count: number | undefined;
  /** Keys that runseal refuses to use, and why. */
  readonly refused: readonly { readonly name: string; readonly code: OperationCode }[];
  /** Why the folder can't be listed. */
  readonly code?: OperationCode | undefined;
}

/** The folder of what this machine remembers. */
export interface StateFinding {
  /** As it may be shown. */
  readonly shown: string;
  readonly state: "good" | "not-made" | "no-home" | "refused";
  /** Why it is refused. */
  readonly reason?: MachineReason | undefined;
}

/** The oldest Node that runseal runs on, as package.json says it: major and minor. */
const OLDEST_NODE = [20, 19] as const;

/** 2026-01-01T00:00:00Z in seconds since 1970: no runseal is older. */
const BEFORE_RUNSEAL = 1_767_225_600;

/** Seconds by which a clock that is being adjusted may differ. */
const CLOCK_TOLERANCE = 120;

/** Files of the state folder whose times are compared with the clock, at most. */
const MOST_FILES = 1000;

/** Looks at everything. `now` is in seconds since 1970. Throws bugs only. */
export function examineMachine(environment: Environment, now: number): MachineFindings {
  return {
    engine: examineEngine(),
    hasSodium: secretMemory() === "guarded",
    hasProc: canAnchor(),
    confinement: findConfineHindrance(environment),
    clock: examineClock(environment, now),
    keys: examineKeys(environment),
    trustFile: examineTrustFile(environment),
    state: examineState(environment),
  };
}

function examineEngine(): MachineFindings["engine"] {
  const { node } = process.versions;
  const [major = 0, minor = 0] = node.split(".").map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_NODE;
  return {
    version: node,
    platform: systemName,
    architecture: process.arch,
    isSupported: major > oldestMajor || (major === oldestMajor && minor >= oldestMinor),
  };
}

/** Whether the clock can be right. A clock that is hours wrong in the same year is not found. */
function examineClock(environment: Environment, now: number): ClockFinding {
  if (now < BEFORE_RUNSEAL) return "before-runseal";
  return newestFile(stateFolderOf(environment, "heads").path) > now + CLOCK_TOLERANCE ? "set-back" : "good";
}

/** The newest time of change in a folder, in seconds since 1970; 0 if there is none that can be seen. */
function newestFile(folder: string): number {
  let newest = 0;
  attempt(() => {
    for (const name of readdirSync(folder).slice(0, MOST_FILES)) {
      const stats = lstatSync(join(folder, name), { throwIfNoEntry: false });
      newest = Math.max(newest, (stats?.mtimeMs ?? 0) / 1000);
    }
  });
  return newest;
}

function examineKeys(environment: Environment): KeysFinding {
  const files = listKeyFiles(environment);
  if (!files.ok) return { count: undefined, refused: [], code: files.code };
  const names = files.value
    .filter((file) => file.endsWith(".key") && !file.startsWith("."))
    .map((file) => file.slice(0, -".key".length));
  const refused = names.flatMap((name) => {
    const code = refusalOfKey(environment, name);
    return code === undefined ? [] : [{ name, code }];
  });
  return { count: names.length, refused };
}

function examineTrustFile(environment: Environment): MachineFindings["trustFile"] {
  const policy = readTrustPolicy({ files: [], signers: [] }, environment);
  if (policy.ok) return policy.value === undefined ? "missing" : "good";
  return policy.code === "TRUST_FILE_MALFORMED" ? "malformed" : "unreadable";
}

function examineState(environment: Environment): StateFinding {
  const { path, shown } = stateFolderOf(environment, "");
  if (unusableVariable(environment, "XDG_STATE_HOME") !== undefined) return { shown, state: "no-home" };
  // A folder that is not there yet is made below the nearest one that is.
  for (let folder = path; ; folder = dirname(folder)) {
    try {
      accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
      return { shown, state: folder === path ? "good" : "not-made" };
    } catch (thrown) {
      if (machineReason(thrown) === undefined) throw thrown;
      const isMissing = errnoOf(thrown) === "ENOENT" && folder !== dirname(folder);
      if (!isMissing) return { shown, state: "refused", reason: reasonOf(thrown) };
    }
  }
}
