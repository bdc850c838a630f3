/**
 * Which system this process runs on. Nothing else asks `process.platform`: where systems differ, one of these facts decides, and
 * the reason stands where it is used.
 *
 * @module
 */

/** The name that Node gives the system: `linux`, `darwin`, `win32` and others. */
export const systemName: NodeJS.Platform = process.platform;

/** Folders may be held by descriptor through /proc, sockets lock, and a path's components are what is written. */
export const isLinux: boolean = systemName === "linux";

/** No modes, no owners, no sockets in folders, no process groups; `\` separates, and folders can't be synced. */
export const isWindows: boolean = systemName === "win32";

/** Files are locked while they are open, by a flag of open(2): no other process opens them with it. */
export const locksOpenFiles: boolean = isWindows || systemName === "darwin";
