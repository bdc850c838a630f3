/** `runseal-fleet join`: seals the runs of an audit as the parts of one run. @module */

import { joinParts, pushParent } from "../work/join.ts";
import { type Command, numberOf, onlyOperand, textOf, UsageError } from "./command.ts";
import { withDatabase } from "./with-database.ts";

const PARTS = { least: 1, most: 10_000, otherwise: 0 };

/** A connection for each part that is fetched at a time. */
const CONNECTIONS = 4;

/** One component of a portable path. */
const FOLDER = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/;

/** As a registry takes them. */
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;

/** Seals the parent, pushes it if asked, and prints what it is, also where it is sealed and not pushed. */
export const joinCommand: Command = {
  usage: "join AUDIT [--parts N] [--project DIR] [--folder NAME] [--id ID] [--key NAME] [--push [--tag TAG]]",
  options: {
    parts: { type: "string" },
    project: { type: "string" },
    folder: { type: "string" },
    id: { type: "string" },
    key: { type: "string" },
    push: { type: "boolean" },
    tag: { type: "string" },
  },
  run: async (values, operands, io) => {
    const audit = onlyOperand(operands, "audit");
    const folder = textOf(values, "folder") ?? "parts";
    if (!FOLDER.test(folder)) throw new UsageError("--folder takes the name of a folder in the project");
    const tag = textOf(values, "tag");
    if (tag !== undefined && values["push"] !== true) throw new UsageError("--tag goes with --push");
    if (tag !== undefined && !TAG.test(tag)) throw new UsageError("--tag takes a tag of a registry");
    const request = {
      ...{ audit, folder, signal: io.signal },
      parts: values["parts"] === undefined ? undefined : numberOf(values, "parts", PARTS),
      project: textOf(values, "project") ?? ".",
      id: textOf(values, "id"),
      key: textOf(values, "key"),
    };
    return await withDatabase(io, CONNECTIONS, async (pool) => {
      const joined = await joinParts(pool, request);
      if (!joined.ok) {
        if (joined.code !== "ARGUMENT_MALFORMED") return joined;
        throw new UsageError("--id takes a run id, such as whole");
      }
      const unpushed = { ...joined.value, reference: null };
      if (values["push"] !== true) return { ok: true, exitCode: 0, json: unpushed };
      let isPushed = false;
      try {
        const pushed = await pushParent(pool, joined.value.run_id, request, tag);
        if (!pushed.ok) return pushed;
        isPushed = true;
        return { ok: true, exitCode: 0, json: { ...unpushed, reference: pushed.value } };
      } finally {
        if (!isPushed) io.write(`${JSON.stringify(unpushed)}\n`);
      }
    });
  },
};
