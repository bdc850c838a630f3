/**
 * Whether restored files are unchanged: checked before any of them is removed.
 *
 * @module
 */

import {
  type ChangedTarget,
  decodeUtf8,
  itemAt,
  type Listing,
  matchesDigest,
  type RestoreFault,
  restoreFault,
} from "../../../../core/internal.ts";
import type { AnchoredRoot } from "../../../system/files/anchored-root.ts";
import { type FileSystem, OPEN_SOURCE } from "../../../system/files/file-system.ts";
import { acceptRegularFile, type OpenSource } from "../../../system/files/read-source.ts";
import { hashOpenFile, makeReadBuffer } from "../../../system/hashing/hash-file.ts";
import { breathe, driveSteps } from "../../../system/runtime/interruption.ts";
import { errnoOf } from "../../../system/runtime/machine-reason.ts";
import { nodeCrypto } from "../../../system/runtime/node-crypto.ts";
import type { Progress } from "../../../system/runtime/progress.ts";
import { isLawful } from "../../transaction/journal/lawful-places.ts";
import { components, folderOf, nameOf } from "../../transaction/journal/places.ts";
import { bytesOf, type PlacedFile } from "./placed-files.ts";
import type { PlacedLink } from "./restored-by-artifacts.ts";

/** Which files to examine. */
export interface Examination {
  readonly root: AnchoredRoot;
  readonly files: Listing<PlacedFile>;
  readonly links: readonly PlacedLink[];
  /** Gives the address to hash a file by. Throws what the system says. */
  readonly reach: (address: string, index: number) => string;
  readonly signal: AbortSignal | undefined;
  readonly progress: Progress | undefined;
  readonly fs: FileSystem;
}

/**
 * Examines every file and every link. Fails with UNDO_TARGET_CHANGED and all that changed. Modes are not compared. Throws an Interruption when the
 * signal fired, and what the system says.
 */
export async function examineRestored(examination: Examination): Promise<RestoreFault | undefined> {
  const { files, links, progress, signal } = examination;
  const changed: ChangedTarget[] = [];
  const buffer = makeReadBuffer();
  const done = { files: 0, bytes: 0 };
  const bytes = bytesOf(files);
  progress?.begin("check", { files: files.length, bytes }, () => done);
  for (let index = 0; index < files.length; index++) {
    const file = itemAt(files, index);
    const change = await changeOf(examination, file, index, buffer);
    if (change !== undefined) changed.push({ path: file.path, change });
    done.files += 1;
    done.bytes += file.bytes;
    await breathe(index, signal);
  }
  for (const [index, link] of links.entries()) {
    const change = changeOfLink(examination, link, files.length + index);
    if (change !== undefined) changed.push({ path: link.path, change });
    await breathe(index, signal);
  }
  return changed.length === 0
    ? undefined
    : restoreFault("PLAN", "UNDO_TARGET_CHANGED", { reason: "restored", changed });
}

async function changeOf(
  examination: Examination,
  { bytes, digest, place }: PlacedFile,
  index: number,
  buffer: Uint8Array,
): Promise<ChangedTarget["change"] | undefined> {
  const { fs, signal } = examination;
  const opened = open(examination, place, index);
  if (typeof opened === "string") return opened;
  try {
    // Hashing a sparse file in its place could take hours.
    if (opened.before.size !== BigInt(bytes)) return "other-bytes";
    const finding = await driveSteps(hashOpenFile(opened, buffer, fs), signal);
    const isSame = finding.kind === "file" && matchesDigest(digest, finding.digest, nodeCrypto);
    return isSame ? undefined : "other-bytes";
  } finally {
    fs.closeSync(opened.fd);
  }
}

/** `index` is the link's number among all files and links. */
function changeOfLink(
  { fs, reach, root }: Examination,
  { place, target }: PlacedLink,
  index: number,
): ChangedTarget["change"] | undefined {
  try {
    const address = root.folder(components(folderOf(place))).address(nameOf(place));
    const found = fs.lstatSync(address, { throwIfNoEntry: false });
    if (found === undefined) return "missing";
    if (!found.isSymbolicLink()) return "other-type";
    const text = fs.readlinkSync(reach(address, index), { encoding: "buffer" });
    return decodeUtf8(text) === target ? undefined : "other-target";
  } catch (thrown) {
    const errno = errnoOf(thrown);
    if (errno === "ENOENT" || errno === "ENOTDIR" || errno === "ELOOP") return "missing";
    // Something else got the name since the lstat.
    if (errno === "EINVAL") return "other-type";
    throw thrown;
  }
}

function open(
  { fs, reach, root }: Examination,
  place: string,
  index: number,
): OpenSource | "missing" | "other-type" {
  // A link on the way leads to a path where no restore puts files.
  if (!isLawful(place)) return "missing";
  try {
    const address = root.folder(components(folderOf(place))).address(nameOf(place));
    const found = fs.lstatSync(address, { throwIfNoEntry: false });
    if (found === undefined) return "missing";
    if (!found.isFile()) return "other-type";
    return acceptRegularFile(fs.openSync(reach(address, index), OPEN_SOURCE), fs) ?? "other-type";
  } catch (thrown) {
    const errno = errnoOf(thrown);
    if (errno === "ENOENT" || errno === "ENOTDIR") return "missing";
    // A link or a socket got the name since the lstat.
    if (errno === "ELOOP" || errno === "ENXIO") return "other-type";
    throw thrown;
  }
}
