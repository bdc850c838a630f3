import { describe, expect, it } from "vitest";
import * as library from "../../../src/node/index.ts";
import { readNamedKey } from "../../../src/node/keys/named-key.ts";
import { makeSealedProject } from "../../support/command/cli.ts";

/** What a function of the library gives when it fails. */
type FailureOf<F> = F extends (...args: never[]) => infer Given
  ? Extract<Awaited<Given>, { readonly ok: false }>
  : never;

/** What every failure has. */
interface Told {
  readonly code: string;
  readonly message: string;
  readonly details: object;
}

/** Names of functions with a failure that lacks some of it. */
type Silent = {
  [Name in keyof typeof library]: [FailureOf<(typeof library)[Name]>] extends [Told] ? never : Name;
}[keyof typeof library];

/** The compiler lists the functions that are missing here. */
const NONE: { readonly [Name in Silent]: never } = {};

describe("a failure of the library", () => {
  it("has a code, a message and details by its type, whatever function fails", () => {
    expect(NONE).toEqual({});
  });

  it("has a message of one line that names what failed", async () => {
    using project = await makeSealedProject();
    const environment = project.env;
    const bundle = project.at(".runseal/runs/one");
    const restored = { bundle, environment, to: project.at("missing\nfolder"), trust: "any-signer" } as const;
    const files = [project.at("no\u202e")];
    const failures: readonly [unknown, string][] = [
      [await library.restore(restored), "restore target not exist"],
      [await library.undoRestore({ folder: project.at("out"), environment }), "undo list invalid: missing"],
      [await library.verify({ bundle, environment, trust: { files } }), 'trust file unreadable: "'],
      [
        await library.verify({ bundle: "no-such-run", project: project.root, trust: "any-signer" }),
        "run not found",
      ],
      [readNamedKey("x\ny", []), 'not a key: "x\\ny"'],
    ];
    for (const [failure, beginning] of failures) {
      expect(failure).toMatchObject({ ok: false, message: expect.stringMatching(/^[ -~]+$/) });
      expect(failure).toHaveProperty("message", expect.stringContaining(beginning));
    }
  });
});
