import { describe, expect, it } from "vitest";
import * as library from "../../src/node/index.ts";
import { makeSealedProject } from "../support/command/cli.ts";

/** What a function of the library gives when it fails. */
type FailureOf<F> = F extends (...args: never[]) => infer Given
  ? Extract<Awaited<Given>, { readonly ok: false }>
  : never;

/** Names of functions that fail without a message. A decision about trust has its sentence in `reason`. */
type Silent = Exclude<
  {
    [Name in keyof typeof library]: [FailureOf<(typeof library)[Name]>] extends [never]
      ? never
      : FailureOf<(typeof library)[Name]> extends { readonly message: string }
        ? never
        : Name;
  }[keyof typeof library],
  "decideTrust"
>;

/** The compiler lists the functions that are missing here: each failure has to have a message. */
const NONE: { readonly [Name in Silent]: never } = {};

describe("a failure of the library", () => {
  it("has a message by its type, whatever function fails", () => {
    expect(NONE).toEqual({});
  });

  it("has a message of one line that names what failed", async () => {
    using project = await makeSealedProject();
    const environment = project.env;
    const bundle = project.at(".runseal/runs/one");
    const target = "relative\nfolder";
    const trust = "any-signer";
    const failures: readonly [unknown, string][] = [
      [
        await library.restoreBundle({ bundle, root: project.root, target, trust, environment }),
        "restore target not absolute",
      ],
      [await library.undoRestore({ target: project.at("out"), environment }), "undo list invalid: missing"],
      [
        library.readTrustPolicy({ files: [project.at("no\u202e")], signers: [] }, environment),
        'trust file unreadable: "',
      ],
      [library.readTrustPolicy({ files: [], signers: ["x"] }, environment), 'signer not a key: "x"'],
      [library.readNamedKey("x\ny", []), 'not a key: "x\\ny"'],
    ];
    for (const [failure, beginning] of failures) {
      expect(failure).toMatchObject({ ok: false, message: expect.stringMatching(/^[ -~]+$/) });
      expect(failure).toHaveProperty("message", expect.stringContaining(beginning));
    }
  });
});
