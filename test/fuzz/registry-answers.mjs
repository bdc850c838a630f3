/** What a registry answers, and what reads it without a network. @module */

import { parseChallenges } from "../../dist/core/move/registry/challenge.js";
import { parseRegistryError } from "../../dist/core/move/registry/error-codes.js";
import {
  parseContentRange,
  parseNextLink,
  parseRetryAfter,
} from "../../dist/core/move/registry/header-values.js";
import { parseIndex } from "../../dist/core/move/registry/image-manifest.js";
import { parseTagList } from "../../dist/core/move/registry/tag-list.js";
import { changeBytes, changeJson } from "./mutate-texts.mjs";

/** Gives what changes one answer and reads it. */
export function readAnswer(index) {
  const readers = [
    [parseIndex, index, changeJson],
    [parseTagList, Buffer.from('{"name":"runs","tags":["a","r-1"]}'), changeJson],
    [
      parseRegistryError,
      Buffer.from('{"errors":[{"code":"DENIED","message":"no","detail":{}}]}'),
      changeJson,
    ],
    [
      (bytes) => parseChallenges(bytes.toString("latin1")),
      Buffer.from('Bearer realm="https://a.b/t",service="x, y",scope="repository:a:pull", Basic realm=""'),
      changeBytes,
    ],
    [(bytes) => parseContentRange(bytes.toString("latin1")), Buffer.from("bytes 0-99/100"), changeBytes],
    [
      (bytes) => parseNextLink(bytes.toString("latin1")),
      Buffer.from('</v2/a/tags/list?n=1&last=b>; rel="next"'),
      changeBytes,
    ],
    [
      (bytes) => parseRetryAfter(bytes.toString("latin1"), 0),
      Buffer.from("Wed, 21 Oct 2026 07:28:00 GMT"),
      changeBytes,
    ],
  ];
  return (chance) => {
    const [reader, bytes, change] = chance.pick(readers);
    reader(change(bytes, chance));
  };
}
