// What a step tells GitHub's runner: outputs, the summary, annotations, and that output of others holds no commands.
import { randomUUID } from "node:crypto";
import { appendFileSync } from "node:fs";
import { printable } from "../dist/core/index.js";
import { summaryOf } from "./summary.mjs";

/** GitHub shows ten annotations of a kind for a step. */
const MAX_ANNOTATIONS = 9;

/** The runner of GitHub. `write` prints on stdout. */
export function githubRunner(env, write) {
  let fence;
  return {
    findBundle: () => "",
    begin: () => {
      fence = beginFence(write);
    },
    passOn: (text) => fence.passOn(text),
    fail: (message) => {
      fence?.end();
      write(errorCommand({ title: "runseal" }, message));
    },
    end: (facts, mode) => {
      fence.end();
      for (const line of annotationsOf(facts)) write(line);
      append(env.GITHUB_STEP_SUMMARY, summaryOf(mode, facts));
      append(env.GITHUB_OUTPUT, outputsOf(facts));
    },
  };
}

/** Between the two lines the runner takes nothing for a command. The word that ends it can't be guessed. */
function beginFence(write) {
  const token = randomUUID();
  let isLineEnd = true;
  write(`::stop-commands::${token}\n`);
  return {
    passOn: (text) => {
      if (text === "") return;
      isLineEnd = text.endsWith("\n");
      write(text);
    },
    end: () => write(`${isLineEnd ? "" : "\n"}::${token}::\n`),
  };
}

function annotationsOf({ code, failures = [], hint, message, ok }) {
  if (ok) return [];
  const words = hint === undefined ? message : `${message}\n${hint}`;
  const files = failures.filter(({ path }) => typeof path === "string").slice(0, MAX_ANNOTATIONS);
  return [
    errorCommand({ title: `runseal: ${code}` }, words),
    ...files.map(({ code: what, path }) =>
      errorCommand({ title: `runseal: ${what}`, ...fileOf(path) }, quoted(path)),
    ),
  ];
}

/** A name that can't be shown as it is names no file of the page either. */
function fileOf(path) {
  return printable(path) === path ? { file: path } : {};
}

function quoted(path) {
  return `"${printable(path)}" is not as it was sealed`;
}

/** A command that annotates. All that could end a line or a property is escaped, as the runner undoes it. */
export function errorCommand(properties, message) {
  const shown = Object.entries(properties).map(([name, value]) => `${name}=${escapeProperty(value)}`);
  return `::error ${shown.join(",")}::${escapeData(message)}\n`;
}

function escapeData(text) {
  return printableLines(text).replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapeProperty(text) {
  return escapeData(printable(text)).replaceAll(":", "%3A").replaceAll(",", "%2C");
}

/** The line breaks between hints are our own. */
function printableLines(text) {
  return text.split("\n").map(printable).join("\n");
}

function outputsOf({ bundle_root, code, folder, run_id }) {
  const values = { "bundle-root": bundle_root, "run-id": run_id, path: folder, code };
  return Object.entries(values)
    .filter(([, value]) => typeof value === "string")
    .map(([name, value]) => outputText(name, value))
    .join("");
}

/** A value of any text: the word behind << ends it, and can't be guessed. */
function outputText(name, value) {
  const end = randomUUID();
  return `${name}<<${end}\n${value}\n${end}\n`;
}

function append(file, text) {
  if (file !== undefined && file !== "") appendFileSync(file, text);
}
