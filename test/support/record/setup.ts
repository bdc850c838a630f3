/** Tells the recorder which test makes a call: vitest loads it before each test file if RUNSEAL_RECORD is set. @module */

import { aroundEach } from "vitest";
import { inTest } from "./recorder.ts";

aroundEach(async (runTest, { task }) => inTest(task.fullName, runTest));
