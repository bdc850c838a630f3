/** `runseal-fleet schedules`: lists the schedules, or removes one. @module */

import { listSchedules, removeSchedule } from "../audit/read-schedules.ts";
import { fleetFault } from "../outcome/fault.ts";
import { type Command, textOf, UsageError } from "./command.ts";
import { withDatabase } from "./with-database.ts";

/** Prints all schedules; with `--remove`, those that are left. */
export const schedulesCommand: Command = {
  usage: "schedules [--remove ID]",
  options: { remove: { type: "string" } },
  run: async (values, operands, io) => {
    if (operands.length > 0) throw new UsageError("schedules takes no operand");
    const removed = textOf(values, "remove");
    return await withDatabase(io, 1, async (pool) => {
      if (removed !== undefined && !(await removeSchedule(pool, removed)))
        return fleetFault("SCHEDULE_NOT_FOUND", "the database has no schedule of that id");
      return { ok: true, exitCode: 0, json: { schedules: await listSchedules(pool) } };
    });
  },
};
