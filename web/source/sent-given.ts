/** What the user gave, on its way from the page to the worker that reads it. @module */

import type { Given } from "./given.ts";
import { HandleFolder } from "./handle-folder.ts";
import { ServedFolder, serveFolder } from "./served-folder.ts";
import type { SourceFolder } from "./source-folder.ts";

/** What the user gave, as a message can carry it. */
export type SentGiven =
  | { readonly kind: "nothing" }
  | { readonly kind: "file"; readonly file: File }
  | { readonly kind: "handle"; readonly handle: FileSystemDirectoryHandle }
  /** A folder that the page looks into for the worker. The port must be transferred. */
  | { readonly kind: "served"; readonly name: string; readonly port: MessagePort };

/** Makes what is sent. `fail` is called where the page can't look into a folder, which is a bug. */
export function sendGiven(given: Given, fail: (thrown: unknown) => void): SentGiven {
  if (given === undefined) return { kind: "nothing" };
  if (given instanceof File) return { kind: "file", file: given };
  if (given instanceof FileSystemDirectoryHandle) return { kind: "handle", handle: given };
  const { port1, port2 } = new MessageChannel();
  serveFolder(given, port1, fail);
  return { kind: "served", name: given.name, port: port2 };
}

/** Takes what was sent. */
export function receiveGiven(sent: SentGiven): SourceFolder | File | undefined {
  switch (sent.kind) {
    case "nothing":
      return undefined;
    case "file":
      return sent.file;
    case "handle":
      return new HandleFolder(sent.handle);
    case "served":
      return new ServedFolder(sent.name, sent.port);
  }
}
