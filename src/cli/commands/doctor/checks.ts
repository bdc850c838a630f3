/** The words of `runseal doctor`: what was found, and what each missing thing costs. @module */

import { formatUtcSecond, quoteIfNeeded } from "../../../core/internal.ts";
import { countOf } from "../../../core/system/bytes/count-text.ts";
import type { MachineFindings } from "../../../node/library/doctor/examine-machine.ts";
import { isWindows } from "../../../node/system/runtime/this-system.ts";
import { CONFINE_WORDS } from "../../codes/guard-codes.ts";
import { because } from "../../text/machine-words.ts";
import type { DoctorCheckFacts as Check } from "./doctor-results.ts";

/** Keys that one line names. */
const MOST_KEYS = 5;

/** All checks, in the order in which they matter. */
export function checksOf(found: MachineFindings, now: number): readonly Check[] {
  const { architecture, isSupported, platform, version } = found.engine;
  const engine = `Node ${version} on ${platform} ${architecture}`;
  return [
    isSupported
      ? ok("engine", engine)
      : wrong("engine", engine, "runseal needs Node 20.19 or newer: nothing is promised here"),
    found.hasSodium
      ? ok("libsodium", "keys and passphrases stay in locked memory")
      : missing(
          "libsodium",
          "sodium-native does not load on this system",
          "Keys may be swapped and stand in core dumps. Keys with a passphrase can't be made or opened; long chains verify at half the speed.",
        ),
    found.hasProc
      ? ok("/proc", "folders are held by descriptor, so no link can lead a restore elsewhere")
      : missing(
          "/proc",
          "folders are reached by their paths: no procfs names the descriptors of a process",
          "Permissions alone keep other processes out of a restore or undo; a folder that other users may write to is refused.",
        ),
    found.confinement === undefined
      ? ok("Landlock", "commands of guarded runs can be confined to their folder")
      : missing(
          "Landlock",
          CONFINE_WORDS[found.confinement],
          "run --guard --confine refuses. A guarded run without --confine works, and sees only what is in its folder.",
        ),
    clock(found, now),
    keys(found),
    TRUST_FILES[found.trustFile],
    stateFolder(found),
  ];
}

function ok(name: Check["name"], found: string): Check {
  return { name, state: "ok", found, cost: null };
}

function missing(name: Check["name"], found: string, cost: string): Check {
  return { name, state: "missing", found, cost };
}

function wrong(name: Check["name"], found: string, cost: string): Check {
  return { name, state: "wrong", found, cost };
}

function clock({ clock: found }: MachineFindings, now: number): Check {
  const time = formatUtcSecond(now);
  if (found === "good") return ok("clock", time);
  const why =
    found === "set-back" ? "a file of the state folder is newer" : "runseal did not exist at that time";
  return wrong(
    "clock",
    `${time}, and ${why}`,
    "Seals would say a wrong time, and lines of a trust file with dates would be judged by it. Set the clock.",
  );
}

function keys({ keys: { code, count, refused } }: MachineFindings): Check {
  if (count === undefined)
    return wrong(
      "keys",
      `the folder of keys can't be listed: ${code ?? "READ_FAILED"}`,
      `Nothing can be signed with a key of yours. runseal explain ${code ?? "READ_FAILED"} says what to do.`,
    );
  if (refused.length > 0) {
    const shown = refused
      .slice(0, MOST_KEYS)
      .map(({ code: why, name }) => `${quoteIfNeeded(name)} (${why})`)
      .join(", ");
    const more = refused.length > MOST_KEYS ? `, and ${countOf(refused.length - MOST_KEYS, "other")}` : "";
    return wrong(
      "keys",
      `refused: ${shown}${more}`,
      "runseal signs with no key that others can read or write: chmod 600 its file, or make a new key if others may have read it.",
    );
  }
  const readable = isWindows ? "; this system does not show who may read them" : ", readable by you only";
  if (count > 0) return ok("keys", `${countOf(count, "key")}${readable}`);
  return missing(
    "keys",
    "no key",
    "seal and run can't sign. runseal init makes a key; verifying needs none.",
  );
}

const TRUST_FILES: Readonly<Record<MachineFindings["trustFile"], Check>> = {
  good: ok("trust file", "can be read"),
  missing: missing(
    "trust file",
    "no trust file",
    "A sound bundle ends with exit code 3, unless --signer or --trust names a key. runseal trust add NAME KEY begins the file.",
  ),
  malformed: wrong(
    "trust file",
    "the trust file has a line that is not one",
    "No signer is trusted until it is corrected. runseal trust list names the line.",
  ),
  unreadable: wrong(
    "trust file",
    "the trust file can't be read",
    "Commands that judge a signer fail, unless --signer or --trust is given. Check the permissions of the file and its folders, and HOME.",
  ),
};

const STATE_LOST =
  "Nothing is restored. This machine can't remember the newest run, so it does not see if newer runs are removed.";

function stateFolder({ state: { reason, shown, state } }: MachineFindings): Check {
  const folder = shown.replace(/\/$/, "");
  switch (state) {
    case "good":
      return ok("state folder", folder);
    case "not-made":
      return ok("state folder", `${folder}, made by the first seal`);
    case "no-home":
      return wrong(
        "state folder",
        "the environment names no folder for it",
        `${STATE_LOST} Set HOME, on Windows LOCALAPPDATA.`,
      );
    case "refused":
      return wrong("state folder", `${folder} can't be used${because(reason)}`, STATE_LOST);
  }
}
