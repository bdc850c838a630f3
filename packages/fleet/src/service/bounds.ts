/** What a client may take of the service. @module */

/** The bounds. Sizes in bytes, times in milliseconds. */
export const BOUNDS = {
  /** A body: a submission with its policy. */
  body: 1_048_576,
  /** The line of the request and all headers. */
  headers: 8192,
  url: 2048,
  /** Until the headers, and the whole request, have arrived. */
  headersTime: 5000,
  requestTime: 10_000,
  /** A connection without a byte in either direction, and between two requests. */
  idleTime: 90_000,
  keepAliveTime: 5000,
  connections: 512,
  /** Clients that follow an audit at once, and for how long at most: a browser connects again then. */
  followers: 64,
  followTime: 600_000,
  /** Tokens of one address: so many times the requests of one token are looked up for it. */
  tokens: 10,
  /** Submissions at once, and the longest time to list a repository. */
  submissions: 4,
  listingTime: 60_000,
  /** Rows of a page of results. */
  rows: 100,
  /** Connections to the database, and the longest statement there. */
  databaseConnections: 8,
  statementTime: 10_000,
} as const;
