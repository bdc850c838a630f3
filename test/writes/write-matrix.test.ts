import { availableParallelism } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { formatMatrix, type MatrixRow } from "../support/matrix.ts";
import { drawing, SEED, sampleOf } from "../support/ring.ts";
import { makeFolder, removeTree } from "../support/tree.ts";
import { buildFaults, FAULT_MODES, type Fault, type FaultMode } from "./faulted-process.ts";
import { GUARD_SCENARIOS } from "./guard-scenarios.ts";
import { GUARDED_RUN_SCENARIOS } from "./guarded-run-scenarios.ts";
import { KEY_REMOVE_SCENARIOS } from "./key-remove-scenarios.ts";
import { KEY_SCENARIOS } from "./key-scenarios.ts";
import { PROJECT_SCENARIOS } from "./project-scenarios.ts";
import { SIGN_SCENARIOS } from "./sign-scenarios.ts";
import { STORE_SCENARIOS } from "./store-scenarios.ts";
import {
  COUNTERSIGN_SCENARIOS,
  KEY_DEFAULT_SCENARIOS,
  REVOKE_SCENARIOS,
  TRUST_SCENARIOS,
} from "./trust-scenarios.ts";
import { type Choose, sweep, type WriteScenario } from "./write-matrix.ts";

const IS_FULL = process.env["RUNSEAL_WRITES"] === "full";

/** Commands that `npm test` draws. */
const DRAWN_SCENARIOS = 2;

/** So many faults of each mode in `npm test`. */
const SAMPLE: Readonly<Record<FaultMode, number>> = {
  kill: 3,
  tear: 1,
  "kill-after": 0,
  EIO: 2,
  ENOSPC: 0,
  "EIO+": 1,
  "ENOSPC+": 1,
};

/** The same of a command that takes long. */
const SLOW_SAMPLE = { ...SAMPLE, kill: 1, EIO: 1, "EIO+": 0, "ENOSPC+": 0 };

/** A single ENOSPC is handled as a single EIO is: every third call suffices. */
const ENOSPC_STEP = 3;

/** Of lasting faults, CI takes every eighth one. The seed decides where it begins, so that other days take others. */
const LASTING_STEP = Number(process.env["RUNSEAL_WRITES_STEP"] ?? 1);

/** Guards make hundreds of calls, and each state is looked at by several commands: of all their faults CI takes every eighth one. */
const GUARDS: ReadonlySet<WriteScenario> = new Set([...GUARD_SCENARIOS, ...GUARDED_RUN_SCENARIOS]);

/** Of the stores, CI takes half: these write the most. */
const STORES = LASTING_STEP === 1 ? STORE_SCENARIOS : sampleOf(STORE_SCENARIOS, STORE_SCENARIOS.length / 2);

const ALL_SCENARIOS = [
  ...PROJECT_SCENARIOS,
  ...GUARD_SCENARIOS,
  ...GUARDED_RUN_SCENARIOS,
  ...SIGN_SCENARIOS,
  ...STORES,
  ...COUNTERSIGN_SCENARIOS,
  ...TRUST_SCENARIOS,
  ...KEY_SCENARIOS,
  ...REVOKE_SCENARIOS,
  ...KEY_DEFAULT_SCENARIOS,
  ...KEY_REMOVE_SCENARIOS,
];
const SCENARIOS = IS_FULL ? ALL_SCENARIOS : sampleOf(ALL_SCENARIOS, DRAWN_SCENARIOS);
const COLUMNS = ["calls", "kills", "tears", "errors", "states", "broken"];

/** So many broken cases of a command are explained. */
const SHOWN = Number(process.env["RUNSEAL_WRITES_SHOWN"] ?? 4);

/** A loaded machine takes ten times as long as an idle one. */
const TIMEOUT_MS = IS_FULL ? 900_000 : 180_000;

const folder = makeFolder();
const built = buildFaults(folder);
const rows: MatrixRow[] = [];
const explained: string[] = [];

afterAll(() => {
  removeTree(folder);
  if ("obstacle" in built) return;
  const title = IS_FULL && LASTING_STEP === 1 ? "writing commands" : `writing commands, seed ${SEED}`;
  console.log(`${formatMatrix(title, COLUMNS, rows)}${explained.join("")}`);
});

describe("a command that writes is killed, torn or failed at its calls, and what it leaves is sound", () => {
  it.for(SCENARIOS.map((scenario, index) => [scenario.name, scenario, index] as const))(
    "%s: leaves the old state or the new one, and the next command leaves nothing else",
    { timeout: TIMEOUT_MS },
    async ([name, scenario, index], { skip }) => {
      if ("obstacle" in built) return skip(built.obstacle);
      const { broken, calls, errors, kills, states, tears } = await sweep(scenario, {
        library: built.library,
        folder: join(folder, String(index)),
        lanes: availableParallelism(),
        modes: FAULT_MODES,
        choose: IS_FULL
          ? chooserOf(scenario)
          : sampler(index, scenario.isSlow === true ? SLOW_SAMPLE : SAMPLE),
      });
      rows.push([name, calls, kills, tears, errors, states, broken.length]);
      const first = broken.slice(0, SHOWN).map((each) => `    ${each}\n`);
      if (broken.length > 0) explained.push(`\n${name}: ${broken.length} broken, among them\n`, ...first);
      // The full run takes minutes: each row is shown as soon as there is one.
      if (IS_FULL) console.log([name, calls, kills, tears, errors, states, broken.length].join("  "));
      expect(broken).toEqual([]);
    },
  );
});

function chooserOf(scenario: WriteScenario): Choose {
  const least = GUARDS.has(scenario) ? LASTING_STEP : 1;
  return (faults, mode) => {
    const step = mode === "ENOSPC" ? ENOSPC_STEP * least : mode.endsWith("+") ? LASTING_STEP : least;
    return faults.filter((_, at) => (at + SEED) % step === 0);
  };
}

/** Draws faults, the same ones for the same seed. */
function sampler(
  scenario: number,
  sample: typeof SAMPLE,
): (faults: readonly Fault[], mode: FaultMode) => readonly Fault[] {
  const draw = drawing(scenario + 1);
  return (faults, mode) => {
    const left = [...faults];
    const count = Math.min(sample[mode], left.length);
    return Array.from({ length: count }, () => left.splice(draw(left.length), 1)).flat();
  };
}
