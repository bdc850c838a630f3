/**
 * OUTPUT_TREE.json from a tree, in canonical form. Writes text by text: a JSON value for each of a million links would take
 * hundreds of megabytes.
 *
 * @module
 */

import { concatBytes } from "../bytes/bytes.ts";
import type { Listing } from "../bytes/listing.ts";
import { encodeUtf8 } from "../bytes/utf8.ts";
import { CanonicalWriter, UTF8_FORM } from "../json/canonical-writer.ts";
import type { ModePaths, OutputTree, PathPairs } from "./output-tree.ts";
import { TREE_VERSION } from "./tree-form.ts";

/** Characters that are turned into bytes at once. */
const PIECE = 64 * 1024;

/** Encodes a tree. `parseTree` gives an equal one. */
export function encodeTree(tree: OutputTree): Uint8Array {
  const document = new Document();
  document.write('{"empty_folders":');
  document.texts(tree.emptyFolders);
  document.write(',"folder_modes":');
  document.modes(tree.folderModes);
  document.write(',"ignored":');
  document.texts(tree.ignored);
  document.write(`,"kind":"${tree.kind}","left_out":`);
  document.pairs(tree.leftOut, "reason");
  document.write(',"links":');
  document.pairs(tree.links, "target");
  document.write(',"modes":');
  document.modes(tree.modes);
  document.write(',"scope":');
  document.texts(tree.scope);
  document.write(`,"version":${TREE_VERSION}}`);
  return document.bytes();
}

/** A text that grows, and is kept as bytes. */
class Document {
  readonly #pieces: Uint8Array[] = [];
  #text = "";
  readonly #writer = new CanonicalWriter(UTF8_FORM, (piece) => {
    this.#text += String(piece);
  });

  write(text: string): void {
    this.#text += text;
    if (this.#text.length < PIECE) return;
    this.#pieces.push(encodeUtf8(this.#text));
    this.#text = "";
  }

  texts(texts: Listing<string>): void {
    let before = "[";
    for (const text of texts) {
      this.write(before);
      this.#string(text);
      before = ",";
    }
    this.write(before === "[" ? "[]" : "]");
  }

  pairs({ paths, values }: PathPairs, name: string): void {
    let before = "[";
    for (let index = 0; index < paths.length; index++) {
      this.write(`${before}{"path":`);
      this.#string(paths.at(index) ?? "");
      this.write(`,"${name}":`);
      this.#string(values.at(index) ?? "");
      this.write("}");
      before = ",";
    }
    this.write(before === "[" ? "[]" : "]");
  }

  modes(modes: readonly ModePaths[]): void {
    let before = "{";
    for (const { mode, paths } of modes) {
      this.write(`${before}"${mode}":`);
      this.texts(paths);
      before = ",";
    }
    this.write(before === "{" ? "{}" : "}");
  }

  bytes(): Uint8Array {
    return concatBytes([...this.#pieces, encodeUtf8(this.#text)]);
  }

  #string(text: string): void {
    this.#writer.value(text);
    this.#writer.flush();
  }
}
