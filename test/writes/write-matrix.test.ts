import { availableParallelism } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { makeFolder, removeTree } from "../support/files/tree.ts";
import { Matrix, TAKES_ALL } from "../support/rings/matrix.ts";
import { buildFaults, FAULT_MODES, type FaultMode } from "./faulted-process.ts";
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

/** So many faults of each mode that CI tries of a command. */
const BUDGET: Readonly<Record<FaultMode, number>> = {
  kill: 5,
  tear: 1,
  "kill-after": 1,
  EIO: 3,
  ENOSPC: 1,
  "EIO+": 2,
  "ENOSPC+": 1,
};

/** The same of a command that takes long. */
const SLOW_BUDGET = { ...BUDGET, kill: 1, EIO: 1 };

/** A single ENOSPC is handled as a single EIO is: every third call suffices. */
const ENOSPC_STEP = 3;

const SCENARIOS = [
  ...PROJECT_SCENARIOS,
  ...GUARD_SCENARIOS,
  ...GUARDED_RUN_SCENARIOS,
  ...SIGN_SCENARIOS,
  ...STORE_SCENARIOS,
  ...COUNTERSIGN_SCENARIOS,
  ...TRUST_SCENARIOS,
  ...KEY_SCENARIOS,
  ...REVOKE_SCENARIOS,
  ...KEY_DEFAULT_SCENARIOS,
  ...KEY_REMOVE_SCENARIOS,
];

/** So many broken cases of a command are explained. */
const SHOWN = Number(process.env["RUNSEAL_WRITES_SHOWN"] ?? 4);

/** A loaded machine takes ten times as long as an idle one. All points of a hook are hours of work. */
const TIMEOUT_MS = TAKES_ALL ? 14_400_000 : 900_000;

const folder = makeFolder();
const built = buildFaults(folder);
const matrix = new Matrix("writing commands", ["calls", "kills", "tears", "errors", "states", "broken"]);
const explained: string[] = [];

afterAll(() => {
  removeTree(folder);
  if ("obstacle" in built) return;
  matrix.print();
  if (explained.length > 0) console.log(explained.join(""));
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
        choose: chooserOf(scenario),
      });
      matrix.row(name, calls, kills, tears, errors, states, broken.length);
      const first = broken.slice(0, SHOWN).map((each) => `    ${each}\n`);
      if (broken.length > 0) explained.push(`\n${name}: ${broken.length} broken, among them\n`, ...first);
      expect(broken).toEqual([]);
    },
  );
});

function chooserOf(scenario: WriteScenario): Choose {
  const budget = scenario.isSlow === true ? SLOW_BUDGET : BUDGET;
  return (faults, mode) => {
    const points = mode === "ENOSPC" ? faults.filter((_, at) => at % ENOSPC_STEP === 0) : faults;
    return matrix.draw(`${scenario.name} ${mode}`, points, budget[mode]);
  };
}
