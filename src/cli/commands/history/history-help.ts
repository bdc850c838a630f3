/** What the help of log and chain verify says beyond the options. @module */

/** What a list is worth. */
export function logHelp(): string {
  return `
Each run is judged by its artifacts: its signature holds, nothing in the bundle was
changed. Whether its files are still what was sealed, only --verify looks. A run that
failed says so itself; no verifier accepts it. The exit code is 0 where the list
could be made, whatever is in it: runseal chain verify judges the history.
`;
}
