/**
 * A target that is opened when it is needed: after the verification, or before bytes are read that pass only once and are kept in its
 * file system.
 *
 * @module
 */

import { ok, type RestoreFault, type Result } from "../../../../core/internal.ts";
import { Spool } from "../../../judge/source/spool.ts";
import { closeTarget, openTarget, type Target } from "./target-root.ts";

/** Opens the target of a restore once, and closes it with the spool. */
export class LateTarget implements Disposable {
  readonly #request: Parameters<typeof openTarget>;
  #opened: Result<Target, RestoreFault> | undefined;
  #spool: Spool | undefined;

  /** Takes what `openTarget` takes. */
  constructor(...request: Parameters<typeof openTarget>) {
    this.#request = request;
  }

  /** Opens the target. Fails as `openTarget` does. */
  open(): Result<Target, RestoreFault> {
    this.#opened ??= openTarget(...this.#request);
    return this.#opened;
  }

  /** Gives a spool in the file system of the target. Fails as `openTarget` does. */
  keep(): Result<{ readonly keeps: true; readonly spool: Spool }, RestoreFault> {
    const target = this.open();
    if (!target.ok) return target;
    const { value } = target;
    const [, , fs] = this.#request;
    this.#spool ??= new Spool(value.kind === "new" ? value.parent : value.root.dir, fs);
    return ok({ keeps: true, spool: this.#spool });
  }

  [Symbol.dispose](): void {
    this.#spool?.[Symbol.dispose]();
    if (this.#opened?.ok === true) closeTarget(this.#opened.value);
  }
}
