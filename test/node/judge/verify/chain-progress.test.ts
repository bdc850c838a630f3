import { describe, expect, it } from "vitest";
import { ChainProgress } from "../../../../src/node/system/runtime/chain-progress.ts";
import {
  fractionDone,
  type Progress,
  type ProgressCount,
} from "../../../../src/node/system/runtime/progress.ts";

/** A progress port, and what it was asked. */
function listener(): { readonly progress: Progress; readonly ask: () => ProgressCount } {
  let done: (() => ProgressCount) | undefined;
  const begin: Progress["begin"] = (_phase, _total, ask) => {
    done = ask;
  };
  return {
    progress: { begin, beginWhole: () => undefined, end: () => undefined },
    ask: () => done?.() ?? { files: -1, bytes: -1 },
  };
}

describe("the progress of a chain", () => {
  it("adds up what bundles have, looked at one by one or several at once", () => {
    const { progress, ask } = listener();
    const chain = ChainProgress.begin(progress, 4);
    expect(ask()).toEqual({ files: 0, bytes: 0, bundles: 0 });

    let bytes = 0;
    chain?.beginPart(2);
    chain?.begin("verify", { files: 3, bytes: 100 }, () => ({ files: 1, bytes }));
    bytes = 50;
    expect(ask()).toEqual({ files: 1, bytes: 50, bundles: 1 });
    chain?.endBundle();
    chain?.endBundle();
    expect(ask()).toMatchObject({ bundles: 2 });

    chain?.beginPart(1);
    bytes = 25;
    chain?.begin("verify", { files: 1, bytes: 100 }, () => ({ files: 0, bytes: 25 }));
    expect(ask()).toEqual({ files: 1, bytes: 75, bundles: 2.25 });
  });

  it("never goes back, and takes no second step for a second look", () => {
    const { progress, ask } = listener();
    const chain = ChainProgress.begin(progress, 2);
    chain?.beginPart(2);
    chain?.begin("verify", { files: 4 }, () => ({ files: 3, bytes: 0 }));
    expect(ask()).toMatchObject({ bundles: 1.5 });
    chain?.begin("verify", { files: 2 }, () => ({ files: 2, bytes: 0 }));
    expect(ask()).toEqual({ files: 5, bytes: 0, bundles: 1.5 });
    chain?.endBundle();
    expect(ask()).toMatchObject({ bundles: 1.5 });
  });
});

describe("the done part", () => {
  it.each([
    [
      "of bundles before all else",
      { files: 1, bytes: 1, bundles: 1 },
      { files: 10, bytes: 10, bundles: 2 },
      0.5,
    ],
    ["of bytes before files", { files: 9, bytes: 1 }, { files: 10, bytes: 10 }, 0.1],
    ["of files where all are empty", { files: 9, bytes: 0 }, { files: 10, bytes: 0 }, 0.9],
    ["never more than the whole", { files: 9, bytes: 99 }, { files: 10, bytes: 1 }, 1],
    ["of nothing is all", { files: 0, bytes: 0 }, { files: 0 }, 1],
    ["unknown where nothing was counted", { files: 3, bytes: 5 }, {}, undefined],
  ])("is %s", (_what, done, total, fraction) => {
    expect(fractionDone(done, total)).toBe(fraction);
  });
});
