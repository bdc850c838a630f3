import { symlinkSync } from "node:fs";
import { PRIVATE } from "../../../support/command/canaries.ts";
import { all, drop, folder, put, runseal, type Way } from "./way.ts";

const { content } = PRIVATE;
const REVERT = ["undo", "--guard", "work"];
const FILE = "work/a";

/** A folder with a snapshot, and a file that was changed after it. */
const guarded = all(
  folder("work"),
  put(FILE, content),
  runseal("snapshot", "work", "--id", "first"),
  put(FILE, "changed"),
);

/** The same after a revert: what it brought back can be taken away by a redo. */
const reverted = all(guarded, runseal(...REVERT, "--to", "first"));

/** Reverts that are refused. */
export const REVERT_WAYS: readonly Way[] = [
  {
    what: "revert of a snapshot, which belongs to no run",
    args: [...REVERT, "first"],
    arrange: guarded,
    code: "UNDO_NO_AFTER",
  },
  {
    what: "redo without a revert",
    args: ["redo", "--guard", "work"],
    arrange: guarded,
    code: "UNDO_NO_AFTER",
  },
  {
    what: "revert of a run that is not there",
    args: [...REVERT, "none"],
    arrange: guarded,
    code: "RUN_NOT_FOUND id",
  },
  {
    what: "redo where a file was changed since",
    args: ["redo", "--guard", "work"],
    arrange: all(reverted, put(FILE, "changed again")),
    code: "UNDO_TARGET_CHANGED run",
    changes: "the guard keeps the changed file first",
  },
  {
    what: "revert of a file in whose place something else is",
    args: [...REVERT, "--to", "first"],
    arrange: all(guarded, drop(FILE), folder(`${FILE}/.runseal`)),
    code: "UNDO_BLOCKED",
    changes: "the guard's index is brought up to date",
  },
  {
    what: "revert of a guarded folder in whose place is a link",
    args: [...REVERT, "--to", "first"],
    arrange: all(guarded, drop("work"), (project) => symlinkSync(project.folder, project.at("work"))),
    code: "GUARD_ROOT_CHANGED",
  },
];
