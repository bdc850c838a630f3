/**
 * Confines the command of a guarded run: the kernel's Landlock refuses to change anything outside a few folders.
 *
 * The program `setpriv` (util-linux 2.41 or later) restricts itself and then becomes the command, so that process id, signals and exit
 * code are the command's own. The restriction holds for all processes that the command starts, and can't be lifted.
 *
 * Not restricted: reading; changing modes, owners, times and attributes, which root may do to any file; asking a process outside
 * through a socket to write.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { realpathSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { ok, type Result } from "../../core/internal.ts";
import type { AnchoredRoot } from "../system/files/anchored-root.ts";
import { futurePath } from "../system/files/future-path.ts";
import { publishCause } from "../system/runtime/cause-channel.ts";
import { errnoOf, machineReason, reasonOf, unlessRefused } from "../system/runtime/machine-reason.ts";
import {
  type ConfineHindrance,
  type OperationFault,
  operationFault,
} from "../system/runtime/operation-fault.ts";
import type { Environment } from "../system/runtime/user-home.ts";
import { findProgram } from "./find-program.ts";

/** The program that confines. */
const SETPRIV = "setpriv";

/** Rights that apply to files. `write-file` alone leaves truncate(2) free. */
const FILE_RIGHTS = "write-file,truncate";

/** All rights to change something. Each is named: a right that is not named is not restricted anywhere. */
const ALL_RIGHTS = [
  FILE_RIGHTS,
  ...["remove-dir", "remove-file", "make-char", "make-dir", "make-reg", "make-sock", "make-fifo"],
  ...["make-block", "make-sym", "refer"],
].join(",");

/** Devices that programs write to without changing anything, and what they need for terminals and shared memory. */
const DEVICES = ["null", "zero", "full", "random", "urandom", "tty", "ptmx", "pts", "shm"].map(
  (name) => `/dev/${name}`,
);

/** The folder for temporary files if TMPDIR is unset. */
const USUAL_TEMPORARY = "/tmp";

/** How long the probe may take: it starts two programs and does nothing. */
const PROBE_MS = 10_000;

/** What to confine, and to what. */
export interface ConfineRequest {
  readonly command: readonly [string, ...string[]];
  /** The guarded folder, held open until the command has ended. */
  readonly root: AnchoredRoot;
  /** Where the command runs. */
  readonly cwd: string;
  /** The whole environment of the command; TMPDIR names a folder where it may write. */
  readonly environment: Environment;
  /** Further files and folders where it may write, relative to `cwd`. Links are followed: the user named them. */
  readonly writable: readonly string[];
  /** Absolute paths of files and folders that the command must not change, such as the guard's own. It must not make a missing one. */
  readonly kept: readonly string[];
  /** Goes on as root. */
  readonly evenAsRoot: boolean;
}

/** A place where the command may write. */
interface WritablePlace {
  /** As `setpriv` gets it. */
  readonly address: string;
  /** As the caller named it, or as it is known to all. */
  readonly shown: string;
  readonly isFolder: boolean;
}

/**
 * Gives the command that runs the given one confined, after a probe that the system can do it. Fails with GUARD_CANNOT_CONFINE,
 * with COMMAND_NOT_FOUND or COMMAND_NOT_EXECUTABLE for the command itself, and with PATH_NOT_FOUND or READ_FAILED for a place in
 * `writable`. Nothing is run then.
 */
export function confineCommand(
  request: ConfineRequest,
): Result<readonly [string, ...string[]], OperationFault> {
  const { command, environment, evenAsRoot, root } = request;
  if (isRoot() && !evenAsRoot) return cannotConfine("root");
  const [file, ...args] = command;
  const program = findProgram(file, request);
  if (!program.ok) return program;
  const places = findWritable(request);
  if (!places.ok) return places;
  const writable = [{ address: root.dir.self, shown: "", isFolder: true }, ...places.value];
  for (const { address, shown } of writable) {
    const kept = request.kept.find((folder) => overlaps(address, folder));
    if (kept !== undefined) return cannotConfine("kept-within", shown);
  }
  const options = [
    "--no-new-privs",
    ...["--landlock-access", `fs:${ALL_RIGHTS}`],
    ...writable.flatMap(({ address, isFolder }) => [
      "--landlock-rule",
      `path-beneath:${isFolder ? ALL_RIGHTS : FILE_RIGHTS}:${address}`,
    ]),
    "--",
  ];
  const hindrance = probe(options, environment);
  if (hindrance !== undefined) return cannotConfine(hindrance);
  return ok([SETPRIV, ...options, file, ...args]);
}

/** The places beside the guarded folder. Usual ones that this system does not have are left out. */
function findWritable({
  cwd,
  environment,
  writable,
}: ConfineRequest): Result<readonly WritablePlace[], OperationFault> {
  const temporary = environment["TMPDIR"] || USUAL_TEMPORARY;
  const usual = [temporary, ...DEVICES].flatMap((shown) => {
    const place = lookAt(shown, cwd);
    return place.ok ? [place.value] : [];
  });
  const named: WritablePlace[] = [];
  for (const shown of writable) {
    const place = lookAt(shown, cwd);
    if (!place.ok) return place;
    named.push(place.value);
  }
  return ok([...usual, ...named]);
}

function lookAt(shown: string, cwd: string): Result<WritablePlace, OperationFault> {
  const address = resolve(cwd, shown);
  try {
    return ok({ address, shown, isFolder: statSync(address).isDirectory() });
  } catch (thrown) {
    const reason = reasonOf(thrown);
    const isMissing = errnoOf(thrown) === "ENOENT";
    return isMissing
      ? operationFault("PATH_NOT_FOUND", { path: shown })
      : operationFault("READ_FAILED", { path: shown, reason });
  }
}

/** Whether one place lies at or below the other, by their real paths. */
function overlaps(address: string, kept: string): boolean {
  const outer = unlessRefused(() => realpathSync.native(address));
  if (outer === undefined) return false;
  const inner = futurePath(kept);
  return isAtOrBelow(inner, outer) || isAtOrBelow(outer, inner);
}

function isAtOrBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === "/" ? "/" : `${folder}/`);
}

function isRoot(): boolean {
  return process.geteuid?.() === 0;
}

/** Why no command can be confined on this system, or by this user; undefined if one can. */
export function findConfineHindrance(environment: Environment): ConfineHindrance | undefined {
  const options = ["--no-new-privs", "--landlock-access", `fs:${ALL_RIGHTS}`, "--"];
  return probe(options, environment) ?? (isRoot() ? "root" : undefined);
}

/** Runs `setpriv` confined by the same options: the kernel takes all of them or none. */
function probe(options: readonly string[], environment: Environment): ConfineHindrance | undefined {
  const confined = ask([...options, SETPRIV, "--version"], environment);
  if (confined === "missing") return "setpriv-missing";
  if (confined.isDone) return undefined;
  const help = ask(["--help"], environment);
  return help !== "missing" && help.text.includes("--landlock-access") ? "kernel" : "setpriv-too-old";
}

function ask(
  args: readonly string[],
  environment: Environment,
): "missing" | { readonly isDone: boolean; readonly text: string } {
  const { error, status, stderr, stdout } = spawnSync(SETPRIV, args, {
    env: { ...environment },
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    timeout: PROBE_MS,
  });
  if (error !== undefined) {
    if (machineReason(error) === undefined) throw error;
    if (errnoOf(error) !== "ETIMEDOUT") return "missing";
  }
  if (status !== 0) publishCause(new Error(stderr));
  return { isDone: status === 0, text: stdout };
}

function cannotConfine(why: ConfineHindrance, path?: string): OperationFault {
  return operationFault("GUARD_CANNOT_CONFINE", { why, path });
}
