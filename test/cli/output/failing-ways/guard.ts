import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { PRIVATE } from "../../../support/command/canaries.ts";
import type { Project } from "../../../support/command/cli.ts";
import { all, folder, put, runseal, type Way } from "./way.ts";

const SHARE = "home-data/share";

/** The user's folder of data, in the project: the guards are in it. */
const env = { XDG_DATA_HOME: undefined };

/** A folder of guards that other users may write to. */
function openGuards(project: Project): void {
  const path = project.at("..", "home", ".local/share/runseal/guards");
  mkdirSync(path, { recursive: true });
  chmodSync(path, 0o777);
}

/** A file of more bytes than the budget. */
function large(project: Project): void {
  writeFileSync(project.at("out/large"), Buffer.alloc(3_000_000, "x"));
}

/** Folders that can't be guarded, and guards that can't be trusted. */
export const GUARD_WAYS: readonly Way[] = [
  { what: "snapshots of a folder without a guard", args: ["log", "--guard", "out"], code: "GUARD_NOT_FOUND" },
  {
    what: "a snapshot of a folder that is not there",
    args: ["snapshot", "nowhere"],
    code: "PATH_NOT_FOUND folder",
    cause: /ENOENT/,
  },
  {
    what: "a snapshot whose guard is inside the folder",
    args: ["snapshot", "out", "--store", "out/guard"],
    code: "GUARD_PLACE_REFUSED",
  },
  {
    what: "a snapshot whose guard is open to other users",
    args: ["snapshot", "out"],
    arrange: openGuards,
    env,
    code: "GUARD_PLACE_REFUSED",
  },
  {
    what: "a snapshot whose store guards another folder",
    args: ["snapshot", "out", "--store", "guard"],
    arrange: all(
      folder("other"),
      put(`other/${PRIVATE.fileName}`, "x"),
      runseal("snapshot", "other", "--store", "guard"),
    ),
    code: "GUARD_PLACE_REFUSED",
  },
  {
    what: "a snapshot whose guard is a file",
    args: ["snapshot", "out", "--store", SHARE],
    arrange: put(SHARE, PRIVATE.content),
    code: "WRITE_FAILED",
    cause: /ENOTDIR/,
  },
  {
    what: "a first snapshot beyond its budget",
    args: ["snapshot", "out", "--budget", "1M"],
    arrange: large,
    code: "SNAPSHOT_REFUSED too-large",
  },
  {
    what: "a confined run that may write to keys",
    args: ["run", "--guard", "out", "--confine", "--confine-write", ".", "--even-as-root", "--", "true"],
    code: "GUARD_CANNOT_CONFINE",
  },
  {
    what: "a snapshot of the root of the system",
    args: ["snapshot", "/"],
    code: "SNAPSHOT_REFUSED too-large",
  },
  {
    what: "a snapshot with a pattern that is too long",
    args: ["snapshot", "out"],
    arrange: put("out/.runsealignore", `${"x".repeat(2000)}\n`),
    code: "INPUT_MALFORMED patterns",
  },
  {
    what: "pruning a guard that does not say what to keep",
    args: ["prune", "--guard", "out", "--store", "guard"],
    arrange: all(runseal("snapshot", "out", "--store", "guard"), put("guard/keep", PRIVATE.content)),
    code: "INPUT_MALFORMED keep",
  },
  {
    what: "a hook that is put into settings that are not JSON",
    args: ["hook", "claude", "--install", "--yes"],
    arrange: put("../home/.claude/settings.json", PRIVATE.content),
    code: "INPUT_MALFORMED settings",
  },
  {
    what: "a guarded run that removes the folder",
    args: ["run", "--guard", "out", "--", "rm", "-r", "out"],
    code: "GUARD_INCOMPLETE",
    changes: "the command removes the folder",
    cause: /ENOENT/,
  },
  {
    what: "a guarded run of what can't be kept",
    args: ["run", "--guard", "out", "--budget", "1M", "--", "true"],
    arrange: large,
    code: "SNAPSHOT_REFUSED too-large",
  },
  { what: "a confined run without a guard", args: ["run", "--confine", "--", "true"], code: "USAGE" },
  {
    what: "a snapshot of a folder that can't be listed",
    args: ["snapshot", "out"],
    sabotage: "readdirSync:4:EACCES",
    code: "SNAPSHOT_REFUSED unreadable",
    cause: /EACCES/,
  },
];
