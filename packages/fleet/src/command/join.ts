/** `runseal-fleet join`: seals the runs of an audit as the parts of one run. @module */

import { joinParts } from "../work/join.ts";
import { type Command, numberOf, onlyOperand, textOf, UsageError } from "./command.ts";
import { withDatabase } from "./with-database.ts";

const PARTS = { least: 1, most: 10_000, otherwise: 0 };

/** A connection for each part that is fetched at a time. */
const CONNECTIONS = 4;

/** One component of a portable path. */
const FOLDER = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/;

/** Seals the parent, and prints what it is. */
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
    const request = {
      ...{ audit, folder, tag, push: values["push"] === true },
      parts: values["parts"] === undefined ? undefined : numberOf(values, "parts", PARTS),
      project: textOf(values, "project") ?? ".",
      id: textOf(values, "id"),
      key: textOf(values, "key"),
    };
    return await withDatabase(io, CONNECTIONS, async (pool) => {
      const joined = await joinParts(pool, request);
      return joined.ok ? { ok: true, exitCode: 0, json: { ...joined.value } } : joined;
    });
  },
};
