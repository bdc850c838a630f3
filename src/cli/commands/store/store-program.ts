/** `runseal store` as data; see define-command.ts. @module */

import { type MakeCommand, newCommand, newGroup } from "../../options/define-command.ts";
import { PROGRESS, PROJECT } from "../../options/shared-options.ts";

/** The command `store` with its subcommands. */
export const storeCommand: MakeCommand = newGroup(
  {
    name: "store",
    summary: "the objects that seals keep",
    examples: ["runseal store check", "runseal store cat --help"],
  },
  [
    newCommand({
      name: "store check",
      summary: "hash everything in the project's store, and list what is wrong",
      options: { project: PROJECT, ...PROGRESS },
      examples: ["runseal store check", "runseal store check --project /srv/data --json"],
      call: async (_none, options, io) => (await import("./store-check.ts")).runStoreCheck(options, io),
    }),
    newCommand({
      name: "store cat",
      summary: "write one object of the project's store to stdout, once it was hashed",
      operands: [["<digest>", "its SHA-256: 64 hex digits, or sha256: and these"]],
      options: { project: PROJECT },
      examples: [
        "runseal store cat b6a98d9ce9a2d914… > app.js",
        "runseal store cat sha256:b6a98d9ce9a2d914… --project /srv/data | less",
      ],
      call: async ([digest], options, io) => (await import("./cat.ts")).runCat(digest, options, io),
    }),
    newCommand({
      name: "store size",
      summary: "list this project and the guards of this machine, with their bytes",
      options: { project: PROJECT },
      examples: ["runseal store size", "runseal store size --json"],
      call: async (_none, options, io) => (await import("./store-size.ts")).runStoreSize(options, io),
    }),
  ],
);
