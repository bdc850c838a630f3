/** The tables of the schema. @module */

/** Makes the tables. */
export const TABLES: string = `
CREATE TABLE runseal_fleet.migration (
  version integer PRIMARY KEY,
  migrated_at timestamptz NOT NULL DEFAULT now()
);

-- Trust files by the SHA-256 of their bytes.
CREATE TABLE runseal_fleet.policy (
  digest bytea PRIMARY KEY CHECK (digest = sha256(bytes)),
  bytes bytea NOT NULL
);

CREATE TABLE runseal_fleet.audit (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  repository text NOT NULL,
  plain_http boolean NOT NULL,
  -- NULL: any signer.
  policy bytea REFERENCES runseal_fleet.policy,
  policy_label text,
  attempts smallint NOT NULL CHECK (attempts BETWEEN 1 AND 100),
  -- The share of ranges that two workers hash.
  double_check real NOT NULL CHECK (double_check BETWEEN 0 AND 1),
  -- Whether workers write the files of its runs into the table \`file\`.
  index_files boolean NOT NULL DEFAULT false,
  -- Tags that lead to something else than a run, tags whose run is broken or gone, and whether more tags exist than were listed.
  others integer NOT NULL,
  broken integer NOT NULL,
  more boolean NOT NULL,
  -- What was listed, as the user named it; where alerts go; and how old a verdict may be for a run not to be hashed again.
  source text,
  alert_url text,
  trust_days integer CHECK (trust_days > 0),
  submitted_at timestamptz NOT NULL DEFAULT now(),
  open_runs integer NOT NULL,
  ended_at timestamptz,
  CHECK ((open_runs = 0) = (ended_at IS NOT NULL))
);
CREATE INDEX ON runseal_fleet.audit (source, submitted_at);

CREATE TABLE runseal_fleet.run (
  audit uuid NOT NULL REFERENCES runseal_fleet.audit ON DELETE CASCADE,
  digest bytea NOT NULL CHECK (octet_length(digest) = 32),
  place integer NOT NULL,
  run_id text NOT NULL,
  state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'cut', 'judged', 'parked')),
  open_ranges integer NOT NULL DEFAULT 0,
  -- Whether its outputs are hashed by two workers if they are one range.
  is_doubled boolean NOT NULL,
  code text,
  details json,
  verdict json,
  -- The verdict as its worker signed it: an envelope of DSSE. NULL: it signs none, or the run is not accepted.
  attestation json,
  -- SHA-256 over the names and digests of all files of the bundle.
  artifacts bytea,
  version text,
  worker text,
  ended_at timestamptz,
  -- The audit that hashed the run, where its verdict is that of an earlier one.
  trusted_previous uuid,
  PRIMARY KEY (audit, digest),
  CHECK ((state IN ('judged', 'parked')) = (code IS NOT NULL AND ended_at IS NOT NULL)),
  CHECK ((state = 'judged') = (verdict IS NOT NULL)),
  CHECK (attestation IS NULL OR code = 'OK')
);
CREATE INDEX ON runseal_fleet.run (digest);

-- A range of outputs, and what was found of it. The findings are kept until the run is concluded, their digest for good.
CREATE TABLE runseal_fleet.fact (
  audit uuid NOT NULL,
  digest bytea NOT NULL,
  first_row integer NOT NULL,
  end_row integer NOT NULL,
  findings bytea,
  findings_digest bytea,
  worker text,
  -- The user of the database: the name of a worker is what it says itself.
  worker_user name,
  found_at timestamptz,
  -- Whether a worker of another user is to find it too, before it counts.
  is_awaited boolean NOT NULL DEFAULT false,
  PRIMARY KEY (audit, digest, first_row, end_row),
  FOREIGN KEY (audit, digest) REFERENCES runseal_fleet.run ON DELETE CASCADE,
  CHECK (first_row >= 0 AND end_row > first_row)
);

-- Second facts that were not equal to the first: rotten storage, or a worker that lies. With the verdict that stood until then, signed or not.
CREATE TABLE runseal_fleet.conflict (
  audit uuid NOT NULL,
  digest bytea NOT NULL,
  first_row integer NOT NULL,
  end_row integer NOT NULL,
  findings_digest bytea NOT NULL,
  worker text NOT NULL,
  worker_user name NOT NULL,
  verdict json,
  attestation json,
  found_at timestamptz NOT NULL DEFAULT now(),
  FOREIGN KEY (audit, digest, first_row, end_row) REFERENCES runseal_fleet.fact ON DELETE CASCADE
);

-- Processes that work, and the names by which graphile-worker locks jobs for them.
CREATE TABLE runseal_fleet.process (
  id uuid PRIMARY KEY,
  name text NOT NULL,
  worker_user name NOT NULL,
  locks text[] NOT NULL,
  version text NOT NULL,
  seen_at timestamptz NOT NULL DEFAULT now()
);
`;
