/** Taking what the user chose or dropped. @module */

import { EntryFolder } from "./entry-folder.ts";
import { ListedFolder } from "./listed-folder.ts";
import type { SourceFolder } from "./source-folder.ts";

/** What was chosen or dropped. A handle can be sent to a worker; another folder is looked into by the thread that has it. */
export type Given = FileSystemDirectoryHandle | SourceFolder | File | undefined;

/** Files that are listed between two pauses, in which the page stays responsive. */
const FILES_A_STEP = 4000;

/** Makes a folder from the list that a folder input gives. Undefined for an empty list. */
export async function folderOfFiles(files: FileList): Promise<SourceFolder | undefined> {
  const [first] = files;
  if (first === undefined) return undefined;
  const name = first.webkitRelativePath.split("/")[0] ?? "";
  const folder = new ListedFolder(name, false);
  let count = 0;
  for (const file of files) {
    folder.add(file.webkitRelativePath.slice(name.length + 1), { kind: "file", blob: file });
    if (++count % FILES_A_STEP === 0) await new Promise((resolve) => setTimeout(resolve, 0));
  }
  return folder;
}

/**
 * Takes what was dropped: one folder or one file. Must be called while the drop event is handled. Undefined for anything else.
 */
export async function takeDropped(transfer: DataTransfer): Promise<Given> {
  const [item] = [...transfer.items].filter(({ kind }) => kind === "file");
  if (item === undefined) return undefined;
  // Asked before the first pause: afterwards the browser has cleared the list.
  const file = item.getAsFile();
  const entry = item.webkitGetAsEntry();
  const handle = await handleOf(item);
  if (handle?.kind === "directory") return handle;
  if (entry !== null && isFolder(entry)) return new EntryFolder(entry);
  return file ?? undefined;
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}

/** The handle of a dropped item, in browsers that give one. */
async function handleOf(item: DataTransferItem): Promise<FolderHandle | FileHandle | undefined> {
  if (!("getAsFileSystemHandle" in item) || typeof item.getAsFileSystemHandle !== "function")
    return undefined;
  // Rejects where the browser or the user refuses the folder: then its entry says why it can't be read.
  const handle: unknown = await item.getAsFileSystemHandle().catch(() => undefined);
  if (handle instanceof FileSystemDirectoryHandle) return handle as FolderHandle;
  return handle instanceof FileSystemFileHandle ? handle : undefined;
}

type FolderHandle = FileSystemDirectoryHandle & { readonly kind: "directory" };
type FileHandle = FileSystemFileHandle;
