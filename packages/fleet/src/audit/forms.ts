/** What ids and digests look like in arguments, requests and answers. @module */

/** The id of an audit. */
export const UUID: RegExp = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** SHA-256, 64 lowercase hex. */
export const DIGEST: RegExp = /^[0-9a-f]{64}$/;
