/** The part of the schema that the service needs: its tokens, its reads, and the index of files. @module */

import { WORKER_ROLE } from "./rights.ts";

/** The group that the service's user belongs to. A cluster has it once, whatever its databases. */
export const SERVICE_ROLE = "runseal_fleet_service";

/** Tables, views and functions. Those of `procedures.ts` come first. */
export const SERVICE: string = `
CREATE TABLE runseal_fleet.token (
  id text PRIMARY KEY CHECK (id ~ '^[0-9a-f]{16}$'),
  role text NOT NULL CHECK (role IN ('read', 'submit')),
  name text NOT NULL,
  -- SHA-256 of the token.
  digest bytea NOT NULL CHECK (octet_length(digest) = 32),
  added_at timestamptz NOT NULL DEFAULT now()
);

-- Which runs, by the digests of their manifests, have a file of this digest, and whose workers wrote that. Audits of the same run share its
-- rows: they stay those of the first one that accepted it. A key to the audit would need an index as large as the table.
CREATE TABLE runseal_fleet.file (
  digest bytea NOT NULL CHECK (octet_length(digest) = 32),
  run bytea NOT NULL,
  audit uuid NOT NULL,
  PRIMARY KEY (digest, run)
);

-- Counts read this index alone, and no verdict.
CREATE INDEX run_codes ON runseal_fleet.run (audit, code) INCLUDE (trusted_previous);
CREATE INDEX run_places ON runseal_fleet.run (audit, place);
CREATE INDEX audit_moments ON runseal_fleet.audit (submitted_at, id);

CREATE FUNCTION runseal_fleet.moment(at timestamptz) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$ SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') $$;

CREATE VIEW runseal_fleet.audit_status AS
  SELECT a.id AS audit, a.repository, runseal_fleet.moment(a.submitted_at) AS submitted_at,
    runseal_fleet.moment(a.ended_at) AS ended_at, a.open_runs AS open, a.others, a.broken, a.more,
    counts.runs, counts.accepted, counts.trusted_previous,
    (SELECT json_build_object('made', count(*), 'delivered', count(l.delivered_at), 'given_up', count(l.given_up_at), 'error', max(l.error))
      FROM runseal_fleet.alert l WHERE l.audit = a.id) AS alerts,
    counts.codes
  -- Each run is read once.
  FROM runseal_fleet.audit a CROSS JOIN LATERAL (
    SELECT coalesce(sum(c.runs), 0)::integer AS runs, coalesce(sum(c.runs) FILTER (WHERE c.code = 'OK'), 0)::integer AS accepted,
      coalesce(sum(c.trusted) FILTER (WHERE c.code = 'OK'), 0)::integer AS trusted_previous,
      coalesce(json_object_agg(c.code, c.runs ORDER BY c.runs DESC, c.code) FILTER (WHERE c.code IS NOT NULL), '{}') AS codes
    FROM (
      SELECT r.code, count(*)::integer AS runs, count(r.trusted_previous)::integer AS trusted FROM runseal_fleet.run r
      WHERE r.audit = a.id GROUP BY r.code
    ) c
  ) counts;

CREATE VIEW runseal_fleet.audited_run AS
  SELECT r.audit, r.place, r.run_id, encode(r.digest, 'hex') AS digest, r.state, r.code, r.details, r.verdict, r.attestation,
    encode(r.artifacts, 'hex') AS artifacts, encode(a.policy, 'hex') AS policy, r.version, r.trusted_previous, r.worker,
    runseal_fleet.moment(r.ended_at) AS ended_at
  FROM runseal_fleet.run r JOIN runseal_fleet.audit a ON a.id = r.audit;

CREATE FUNCTION runseal_fleet.status_of(the_audit uuid) RETURNS SETOF runseal_fleet.audit_status
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ SELECT * FROM runseal_fleet.audit_status s WHERE s.audit = the_audit $$;

-- Audits, the newest first, that are older than one of them.
CREATE FUNCTION runseal_fleet.audits(the_before uuid, the_most integer) RETURNS SETOF runseal_fleet.audit_status
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT s.* FROM (
    SELECT a.id, a.submitted_at FROM runseal_fleet.audit a
    WHERE the_before IS NULL
      OR (a.submitted_at, a.id) < (SELECT b.submitted_at, b.id FROM runseal_fleet.audit b WHERE b.id = the_before)
    ORDER BY a.submitted_at DESC, a.id DESC LIMIT the_most
  ) page JOIN runseal_fleet.audit_status s ON s.audit = page.id ORDER BY page.submitted_at DESC, page.id DESC
$$;

-- Runs of an audit in the order of their history, behind a place. A limit of NULL is none.
CREATE FUNCTION runseal_fleet.runs(the_audit uuid, the_after integer, the_code text, the_most integer)
RETURNS SETOF runseal_fleet.audited_run
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT * FROM runseal_fleet.audited_run r
  WHERE r.audit = the_audit AND r.place > the_after AND (the_code IS NULL OR r.code = the_code)
  ORDER BY r.place LIMIT the_most
$$;

CREATE FUNCTION runseal_fleet.audited(the_audit uuid, the_digest bytea) RETURNS SETOF runseal_fleet.audited_run
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ SELECT * FROM runseal_fleet.audited_run r WHERE r.audit = the_audit AND r.digest = encode(the_digest, 'hex') $$;

-- The newest audit of a run, which its manifest names.
CREATE FUNCTION runseal_fleet.newest_of(the_digest bytea)
RETURNS TABLE (
  audit uuid, repository text, run_id text, digest text, state text, code text, policy text, trusted_previous uuid, ended_at text
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT a.id, a.repository, r.run_id, encode(r.digest, 'hex'), r.state, r.code, encode(a.policy, 'hex'), r.trusted_previous,
    runseal_fleet.moment(r.ended_at)
  FROM runseal_fleet.run r JOIN runseal_fleet.audit a ON a.id = r.audit
  WHERE r.digest = the_digest ORDER BY a.submitted_at DESC, a.id DESC LIMIT 1
$$;

-- The runs that have a file, each with the newest audit of it. A row counts where its audit accepted the run.
CREATE FUNCTION runseal_fleet.runs_with(the_file bytea, the_after bytea, the_most integer)
RETURNS TABLE (
  audit uuid, repository text, run_id text, digest text, state text, code text, policy text, trusted_previous uuid, ended_at text
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT newest.* FROM runseal_fleet.file f
  JOIN runseal_fleet.run own ON own.audit = f.audit AND own.digest = f.run AND own.code = 'OK'
  CROSS JOIN LATERAL runseal_fleet.newest_of(f.run) newest
  WHERE f.digest = the_file AND (the_after IS NULL OR f.run > the_after) ORDER BY f.run LIMIT the_most
$$;

-- Says whether the files of an audit's runs are indexed. Gives the audit, so that one statement submits it and says this.
CREATE FUNCTION runseal_fleet.with_index(the_audit uuid, is_wanted boolean) RETURNS uuid
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ UPDATE runseal_fleet.audit SET index_files = is_wanted WHERE id = the_audit RETURNING id $$;

-- What the service may submit: of a registry, by TLS or on a worker's own machine, and as much as it takes of a client.
CREATE FUNCTION runseal_fleet.submit_served(
  repository text, policy_bytes bytea, policy_label text, attempts integer, double_check real,
  others integer, broken integer, more boolean, digests bytea[], run_ids text[], is_indexed boolean
) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF repository !~ '^[^/]+/' OR repository ~* '^oci-layout:' OR repository ~ '/[.][.]?(/|$)'
    OR length(repository) > 512 OR octet_length(policy_bytes) > 1048576 OR cardinality(digests) > 10000
    OR cardinality(digests) <> cardinality(run_ids)
    THEN RAISE EXCEPTION 'the service may not submit this'; END IF;
  RETURN runseal_fleet.with_index(runseal_fleet.submit(
    repository, false, policy_bytes, policy_label, attempts, double_check, others, broken, more, digests, run_ids
  ), is_indexed);
END $$;

-- Writes files of an open run, 32 bytes of each, if its audit wants that. Rows of an audit that accepted the run stay.
CREATE FUNCTION runseal_fleet.index_files(the_audit uuid, the_digest bytea, the_files bytea) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO runseal_fleet.file AS f (digest, run, audit)
    SELECT DISTINCT substring(the_files FROM 32 * file + 1 FOR 32), the_digest, the_audit
    FROM generate_series(0, octet_length(the_files) / 32 - 1) AS file
    WHERE EXISTS (
      SELECT FROM runseal_fleet.run r JOIN runseal_fleet.audit a ON a.id = r.audit
      WHERE r.audit = the_audit AND r.digest = the_digest AND r.state = 'waiting' AND a.index_files
    )
  ON CONFLICT (digest, run) DO UPDATE SET audit = excluded.audit
    WHERE NOT EXISTS (SELECT FROM runseal_fleet.run r WHERE r.audit = f.audit AND r.digest = f.run AND r.code = 'OK')
$$;

CREATE FUNCTION runseal_fleet.token_of(the_id text) RETURNS TABLE (role text, digest bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ SELECT t.role, t.digest FROM runseal_fleet.token t WHERE t.id = the_id $$;

-- Counts for /metrics. Codes are words of workers: the hundred most frequent ones are counted.
CREATE FUNCTION runseal_fleet.metrics() RETURNS TABLE (metric text, label text, value bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT 'jobs', state.name, count(job.state)
    FROM (VALUES ('waiting'), ('retrying'), ('running')) AS state (name) LEFT JOIN (
      SELECT CASE WHEN job.locked_at IS NOT NULL THEN 'running' WHEN job.attempts > 0 THEN 'retrying' ELSE 'waiting' END AS state
      FROM runseal_fleet_queue.jobs job
    ) job ON job.state = state.name GROUP BY 2
  UNION ALL
  (SELECT 'runs', coalesce(r.code, 'open'), count(*) FROM runseal_fleet.run r GROUP BY r.code ORDER BY 3 DESC LIMIT 100)
  UNION ALL
  SELECT 'workers', '', count(*) FROM runseal_fleet.process p WHERE p.seen_at >= now() - interval '30 seconds'
  UNION ALL
  SELECT 'audits', CASE WHEN a.ended_at IS NULL THEN 'open' ELSE 'ended' END, count(*) FROM runseal_fleet.audit a GROUP BY 2
$$;
`;

/** What the service may do: call these functions, and nothing else. It can add no token and read no trust file. */
export const SERVICE_RIGHTS: string = `
GRANT USAGE ON SCHEMA runseal_fleet TO ${SERVICE_ROLE};
GRANT EXECUTE ON FUNCTION
  runseal_fleet.schema_version, runseal_fleet.submit_served, runseal_fleet.status_of, runseal_fleet.audits,
  runseal_fleet.runs, runseal_fleet.audited, runseal_fleet.runs_with, runseal_fleet.links_of,
  runseal_fleet.token_of, runseal_fleet.metrics
TO ${SERVICE_ROLE};
GRANT EXECUTE ON FUNCTION runseal_fleet.index_files TO ${WORKER_ROLE};
`;
