/** Paths in commands that a user may copy. @module */

/** Quotes a path for a shell. Paths made by runseal begin with a variable that the shell must expand. */
export function shellWord(path: string): string {
  const ours = /^(?:\$(?:HOME|XDG_CONFIG_HOME)|%APPDATA%)\/[A-Za-z0-9._@+/-]+$/.test(path);
  return ours ? `"${path}"` : `'${path.replaceAll("'", "'\\''")}'`;
}
