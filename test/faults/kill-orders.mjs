// What a victim does, in this process or in another: the same call either way.

import * as nodeFs from "node:fs";
import { afterRecovery } from "../../dist/node/back/restore/recover/recover-first.js";
import { recoverTarget } from "../../dist/node/back/restore/recover/recover-target.js";
import { restoreBundle, restoreChain } from "../../dist/node/back/restore/restore-bundle.js";
import { closeTarget, openTarget } from "../../dist/node/back/restore/target/target-root.js";
import { undoRestore } from "../../dist/node/back/restore/undo/undo.js";
import { applyRevert } from "../../dist/node/back/revert/apply-revert.js";
import { JournalKeys } from "../../dist/node/back/transaction/journal/journal-key.js";
import { refused } from "../../dist/node/back/transaction/restore-failure.js";
import { writeAll } from "../../dist/node/system/files/durable-file.js";
import { OPEN_SOURCE } from "../../dist/node/system/files/file-system.js";
import { acceptRegularFile } from "../../dist/node/system/files/read-source.js";

const ACTS = {
  restore: restoreBundle,
  chain: restoreChain,
  recover: recoverTarget,
  undo: undoRestore,
  revert: revertFolder,
  naive,
  "naive-revert": revertNaively,
};

/** Does what an order says. */
export function obey({ act, refused, request }, fs = nodeFs) {
  return ACTS[act](request, refused === undefined ? fs : refusing(fs, refused));
}

/** Recovers a folder, and then reverts it, as the command does. `objects` is a folder of files named by their digests. */
export async function revertFolder({ environment, objects, plan, signal, target }, fs) {
  const opened = openTarget(target, false, fs);
  if (!opened.ok) return refused(opened);
  const keys = new JournalKeys(environment, fs);
  try {
    const { path, root } = opened.value;
    const origin = { started: "2026-11-28T12:00:00Z", runIds: ["run"], bundleRoots: [], signers: [] };
    const source = {
      kindOf: () => "file",
      open: (digest) => acceptRegularFile(fs.openSync(`${objects}/${digest}`, OPEN_SOURCE), fs) ?? "other",
    };
    const apply = () => applyRevert({ root, path, plan, objects: source, origin, keys, signal }, fs);
    return await afterRecovery(opened.value, { dryRun: false, keys }, apply, fs);
  } finally {
    closeTarget(opened.value);
    keys[Symbol.dispose]();
  }
}

/** A disk that refuses one name: a restore that reaches it fails and rolls back. */
function refusing(fs, refused) {
  const refuse = (name) => (from, to) => {
    if (!to.endsWith(`/${refused}`)) return fs[name](from, to);
    throw Object.assign(new Error("EIO: refused"), { code: "EIO", errno: -5, syscall: name });
  };
  return { ...fs, linkSync: refuse("linkSync"), renameSync: refuse("renameSync") };
}

/**
 * What not to do, as a control: stage all, then rename each into place, without a journal. Its staging folder
 * is one that `recover` clears away.
 */
async function naive({ files, root, target }, fs) {
  const staging = `${target}/.spectrum06_staging_00000000-0000-4000-8000-000000000000`;
  fs.mkdirSync(staging, 0o700);
  for (const [index, file] of files.entries()) {
    const source = nodeFs.readFileSync(`${root}/${file}`);
    const fd = fs.openSync(
      `${staging}/f${index}`,
      nodeFs.constants.O_CREAT | nodeFs.constants.O_WRONLY,
      0o644,
    );
    writeAll(fd, source, 0, fs);
    fs.fsyncSync(fd);
    fs.closeSync(fd);
  }
  for (const [index, file] of files.entries()) {
    const folders = file.split("/").slice(0, -1);
    for (let depth = 1; depth <= folders.length; depth++) {
      const folder = `${target}/${folders.slice(0, depth).join("/")}`;
      if (!nodeFs.existsSync(folder)) fs.mkdirSync(folder, 0o777);
    }
    fs.renameSync(`${staging}/f${index}`, `${target}/${file}`);
  }
  fs.rmdirSync(staging);
  return { ok: true };
}

/** What not to do, as a control: remove and write, without a journal. */
async function revertNaively({ objects, plan, target }, fs) {
  for (const { path } of plan.moves) fs.unlinkSync(`${target}/${path}`);
  for (const { path } of plan.gone) fs.rmdirSync(`${target}/${path}`);
  for (const { path, to } of plan.modes) nodeFs.chmodSync(`${target}/${path}`, to);
  for (const { path } of plan.folders) fs.mkdirSync(`${target}/${path}`, 0o755);
  for (const { path, state } of plan.puts) {
    if (state.kind === "link") {
      fs.symlinkSync(state.target, `${target}/${path}`);
      continue;
    }
    const fd = fs.openSync(
      `${target}/${path}`,
      nodeFs.constants.O_CREAT | nodeFs.constants.O_WRONLY,
      state.mode,
    );
    writeAll(fd, nodeFs.readFileSync(`${objects}/${state.digest}`), 0, fs);
    fs.fchmodSync(fd, state.mode);
    fs.closeSync(fd);
  }
  for (const { mode, path } of plan.folders.toReversed()) nodeFs.chmodSync(`${target}/${path}`, mode);
  return { ok: true };
}
