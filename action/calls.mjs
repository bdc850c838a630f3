// The command line for each mode. Values stand behind their options with "=", or behind "--": none of them becomes an option.

/**
 * Makes a call: `args` for runseal, and what it reads besides. `facts` is the file for its facts, if they don't come on stdout.
 * `secrets` are written to descriptors, never to the command line or the environment.
 */
export function callOf(inputs, folder) {
  const { flag, lines, mode, text } = inputs;
  const option = (flagName, value) => (value === "" ? [] : [`${flagName}=${value}`]);
  const options = (flagName, name) => lines(name).map((value) => `${flagName}=${value}`);
  const base = ["--progress=none"];
  // This very folder: a job's own files may lie in a project, too.
  const project = ["--here", `--project=${text("PROJECT") || "."}`];
  switch (mode) {
    case "run": {
      const facts = `${folder}/facts.json`;
      const wanted = [
        ...options("--output", "PATHS"),
        ...options("--scratch", "SCRATCH"),
        ...options("--input", "SOURCES"),
        ...option("--id", text("ID")),
      ];
      const command = ["bash", "-euo", "pipefail", "-c", text("COMMAND")];
      return {
        args: ["run", "--unsigned", ...project, ...base, ...wanted, `--report=${facts}`, "--", ...command],
        facts,
      };
    }
    case "seal":
      return {
        args: [
          "seal",
          "--unsigned",
          "--json",
          ...project,
          ...base,
          ...option("--id", text("ID")),
          "--",
          ...lines("PATHS"),
        ],
      };
    case "sign": {
      const signer =
        text("KEY") === ""
          ? [`--key=exec:${text("SIGNER_COMMAND")}`, ...option("--public-key", text("SIGNER_KEY"))]
          : ["--key=-"];
      const wanted = [...option("--files", text("FILES")), ...option("--tsa", text("TSA")), "--yes"];
      return {
        args: ["sign", "--json", ...project, ...base, ...signer, ...wanted, "--", text("BUNDLE")],
        secrets: { key: text("KEY"), passphrase: text("PASSPHRASE") },
      };
    }
    case "verify":
      return {
        args: [
          "verify",
          "--json",
          "--all",
          ...base,
          ...option("--files", text("FILES")),
          ...option("--trust", text("TRUST")),
          ...options("--signer", "SIGNERS"),
          ...option("--expect", text("EXPECT")),
          ...option("--expect-id", text("EXPECT_ID")),
          ...(flag("EXACT") ? ["--exact"] : []),
          ...(flag("REQUIRE_TIMESTAMP") ? ["--require-timestamp"] : []),
          ...option("--junit", text("JUNIT")),
          ...option("--report", text("REPORT")),
          "--",
          text("BUNDLE"),
        ],
      };
    default:
      throw new TypeError("readInputs knows the modes");
  }
}
