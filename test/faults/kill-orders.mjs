// What a victim does, in this process or in another: the same call either way.

import * as nodeFs from "node:fs";
import { writeAll } from "../../dist/node/files/durable-file.js";
import { recoverTarget } from "../../dist/node/restore/recover/recover-target.js";
import { restoreBundle, restoreChain } from "../../dist/node/restore/restore-bundle.js";
import { undoRestore } from "../../dist/node/restore/undo/undo.js";

const ACTS = {
  restore: restoreBundle,
  chain: restoreChain,
  recover: recoverTarget,
  undo: undoRestore,
  naive,
};

/** Does what an order says. */
export function obey({ act, refused, request }, fs = nodeFs) {
  return ACTS[act](request, refused === undefined ? fs : refusing(fs, refused));
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
