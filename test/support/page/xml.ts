/**
 * XML as others read it: by expat, and by xmllint with a schema.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";

/** What CI systems read: suites of cases, each with at most one of skipped, failure and error. */
const SCHEMA = fileURLToPath(new URL("../../data/junit.xsd", import.meta.url));

/** Whether xmllint is installed. */
export const HAS_XMLLINT: boolean = spawnSync("xmllint", ["--version"]).error === undefined;

/** Whether python3 is installed. */
export const HAS_EXPAT: boolean = spawnSync("python3", ["--version"]).error === undefined;

/** Validates a document by the schema. */
export function expectJunit(document: string): void {
  const { status, stderr } = spawnSync("xmllint", ["--noout", "--schema", SCHEMA, "-"], {
    input: document,
    encoding: "utf8",
  });
  expect(stderr).toContain("- validates");
  expect(status).toBe(0);
}

/** The names of all cases as expat reads them. Fails the test where the document is not well-formed. */
export function caseNames(document: string): readonly string[] {
  const script =
    "import sys, json, xml.etree.ElementTree as t; print(json.dumps([c.get('name') for c in t.fromstring(sys.stdin.buffer.read()).iter('testcase')]))";
  const { status, stderr, stdout } = spawnSync("python3", ["-c", script], {
    input: document,
    encoding: "utf8",
  });
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout) as readonly string[];
}
