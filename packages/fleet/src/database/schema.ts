/**
 * The schema, as migrations in their order. A migration that was released never changes.
 *
 * A worker has no right on a table: it calls functions, which run with the rights of their owner. So a worker can't read a policy of
 * another audit by SQL of its own, or write a verdict past their checks.
 *
 * @module
 */

import { ALERTS } from "./alert.ts";
import { LINKS } from "./links.ts";
import { PROCEDURES } from "./procedures.ts";
import { SCHEDULES } from "./schedule.ts";
import { SERVICE } from "./service.ts";
import { TABLES } from "./tables.ts";
import { TRUST_PREVIOUS } from "./trust-previous.ts";

/** The migrations. The number of one is its place, from 1. */
export const MIGRATIONS: readonly string[] = [
  TABLES + ALERTS + SCHEDULES + TRUST_PREVIOUS + PROCEDURES + LINKS + SERVICE,
];
