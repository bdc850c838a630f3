/**
 * Programs that import the package `runseal`, compiled as a strict user compiles them.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Project } from "../command/cli.ts";

const REPOSITORY = fileURLToPath(new URL("../../..", import.meta.url));

/** Compiles files of a project in place, with this repository as its package `runseal`. Throws where one has a type error. */
export function compileForPackage(project: Project, files: readonly string[]): void {
  const modules = join(project.root, "node_modules");
  mkdirSync(modules);
  symlinkSync(REPOSITORY, join(modules, "runseal"));
  const compilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    module: "nodenext",
    target: "es2024",
    lib: ["es2024", "esnext.disposable"],
    typeRoots: [join(REPOSITORY, "node_modules", "@types")],
    types: ["node"],
    preserveSymlinks: true,
  };
  writeFileSync(project.at("tsconfig.json"), JSON.stringify({ compilerOptions, files }));
  const tsc = join(REPOSITORY, "node_modules", "typescript", "bin", "tsc");
  execFileSync(process.execPath, [tsc, "-p", "."], { cwd: project.root, encoding: "utf8", stdio: "pipe" });
}
