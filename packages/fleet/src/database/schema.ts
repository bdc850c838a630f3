/**
 * The schema, as migrations in their order. A migration that was released never changes.
 *
 * A worker has no right on a table: it calls functions, which run with the rights of their owner. So a worker can't read a policy of
 * another audit by SQL of its own, or write a verdict past the checks below.
 *
 * @module
 */

/** The group that workers belong to. A cluster has it once, whatever its databases. */
export const WORKER_ROLE = "runseal_fleet_worker";

const TABLES = `
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
  -- Tags that lead to something else than a run, tags whose run is broken or gone, and whether more tags exist than were listed.
  others integer NOT NULL,
  broken integer NOT NULL,
  more boolean NOT NULL,
  submitted_at timestamptz NOT NULL DEFAULT now(),
  open_runs integer NOT NULL,
  ended_at timestamptz,
  CHECK ((open_runs = 0) = (ended_at IS NOT NULL))
);

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
  -- SHA-256 over the names and digests of all files of the bundle.
  artifacts bytea,
  version text,
  worker text,
  ended_at timestamptz,
  PRIMARY KEY (audit, digest),
  CHECK ((state IN ('judged', 'parked')) = (code IS NOT NULL AND ended_at IS NOT NULL)),
  CHECK ((state = 'judged') = (verdict IS NOT NULL))
);

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

-- Second facts that were not equal to the first: rotten storage, or a worker that lies. With the verdict that stood until then.
CREATE TABLE runseal_fleet.conflict (
  audit uuid NOT NULL,
  digest bytea NOT NULL,
  first_row integer NOT NULL,
  end_row integer NOT NULL,
  findings_digest bytea NOT NULL,
  worker text NOT NULL,
  worker_user name NOT NULL,
  verdict json,
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

/** The schema of the queue: one of the fleet's own, for the rights that workers have there must not reach jobs of other programs. */
export const QUEUE_SCHEMA = "runseal_fleet_queue";

/** What the programs call. RIGHTS says which of them workers may call. */
const FUNCTIONS = `
CREATE FUNCTION runseal_fleet.schema_version() RETURNS integer
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ SELECT coalesce(max(m.version), 0) FROM runseal_fleet.migration m $$;

-- The name of a job: which run it is about, and what is to be done.
CREATE FUNCTION runseal_fleet.job_key(audit uuid, digest bytea, what text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$ SELECT 'runseal/' || audit || '/' || encode(digest, 'hex') || '/' || what $$;

-- Whether a job is one of those: workers may write the queue, and so any name.
CREATE FUNCTION runseal_fleet.is_job(key text) RETURNS boolean
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$ SELECT coalesce(key ~ '^runseal/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/[0-9a-f]{64}/', false) $$;

-- Jobs of a run that has begun come first, so that few runs are half done.
-- With \`but_not\`, the job is for workers of other users.
CREATE FUNCTION runseal_fleet.add_job(
  task text, the_audit uuid, the_digest bytea, first_row integer, end_row integer, priority integer,
  but_not text DEFAULT NULL
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  most smallint;
BEGIN
  SELECT a.attempts INTO STRICT most FROM runseal_fleet.audit a WHERE a.id = the_audit;
  PERFORM runseal_fleet_queue.add_job(
    'runseal_' || task,
    json_build_object('audit', the_audit, 'digest', encode(the_digest, 'hex'), 'first', first_row, 'end', end_row),
    max_attempts => most,
    job_key => runseal_fleet.job_key(
      the_audit, the_digest, concat_ws('/', task, first_row, end_row, CASE WHEN but_not IS NOT NULL THEN 'again' END)
    ),
    priority => priority,
    flags => CASE WHEN but_not IS NOT NULL THEN ARRAY[but_not] END
  );
END $$;

CREATE FUNCTION runseal_fleet.submit(
  repository text, plain_http boolean, policy_bytes bytea, policy_label text, attempts integer, double_check real,
  others integer, broken integer, more boolean, digests bytea[], run_ids text[]
) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  made uuid;
BEGIN
  IF policy_bytes IS NOT NULL THEN
    INSERT INTO runseal_fleet.policy VALUES (sha256(policy_bytes), policy_bytes) ON CONFLICT DO NOTHING;
  END IF;
  INSERT INTO runseal_fleet.audit
    (repository, plain_http, policy, policy_label, attempts, double_check, others, broken, more, open_runs, ended_at)
  VALUES
    (repository, plain_http, sha256(policy_bytes), policy_label, attempts, double_check, others, broken, more, cardinality(digests),
     CASE WHEN cardinality(digests) = 0 THEN now() END)
  RETURNING id INTO made;
  INSERT INTO runseal_fleet.run (audit, digest, place, run_id, is_doubled)
    SELECT made, run.digest, run.place, run.run_id, random() < double_check
    FROM unnest(digests, run_ids) WITH ORDINALITY AS run (digest, run_id, place);
  PERFORM runseal_fleet_queue.add_jobs(array_agg(ROW(
      'runseal_judge', json_build_object('audit', made, 'digest', encode(run.digest, 'hex')),
      NULL, NULL, attempts, runseal_fleet.job_key(made, run.digest, 'judge'), 0, NULL
    )::runseal_fleet_queue.job_spec ORDER BY run.place))
    FROM runseal_fleet.run WHERE run.audit = made HAVING count(*) > 0;
  RETURN made;
END $$;

-- What a worker needs to know of a run.
CREATE FUNCTION runseal_fleet.run_of(the_audit uuid, the_digest bytea)
RETURNS TABLE (
  repository text, plain_http boolean, policy_bytes bytea, policy_label text, state text, is_doubled boolean
)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT a.repository, a.plain_http, p.bytes, a.policy_label, r.state, r.is_doubled
  FROM runseal_fleet.run r JOIN runseal_fleet.audit a ON a.id = r.audit
  LEFT JOIN runseal_fleet.policy p ON p.digest = a.policy
  WHERE r.audit = the_audit AND r.digest = the_digest
$$;

-- Cuts the outputs of a run into ranges, and adds a job for each. A run that is cut already stays as it is.
CREATE FUNCTION runseal_fleet.cut(the_audit uuid, the_digest bytea, first_rows integer[], end_rows integer[])
RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE runseal_fleet.run SET state = 'cut', open_ranges = cardinality(first_rows)
    WHERE audit = the_audit AND digest = the_digest AND state = 'waiting';
  IF NOT FOUND THEN RETURN false; END IF;
  INSERT INTO runseal_fleet.fact (audit, digest, first_row, end_row)
    SELECT the_audit, the_digest, range.first_row, range.end_row FROM unnest(first_rows, end_rows) AS range (first_row, end_row);
  PERFORM runseal_fleet.add_job('range', the_audit, the_digest, range.first_row, range.end_row, -1)
    FROM unnest(first_rows, end_rows) AS range (first_row, end_row);
  RETURN true;
END $$;

-- Takes what was found of a range: 'new', 'same', 'conflict', or 'unknown' for a range that was never cut. A new fact of a range that is
-- drawn counts only once a worker of another user has found the same. The row of the run is locked first, as \`end_run\` does.
CREATE FUNCTION runseal_fleet.found(
  the_audit uuid, the_digest bytea, the_first integer, the_end integer, the_findings bytea, the_worker text
) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  known runseal_fleet.fact;
  isnt_counted boolean;
  why json;
BEGIN
  PERFORM FROM runseal_fleet.run r WHERE r.audit = the_audit AND r.digest = the_digest FOR NO KEY UPDATE;
  SELECT * INTO known FROM runseal_fleet.fact f
    WHERE f.audit = the_audit AND f.digest = the_digest AND f.first_row = the_first AND f.end_row = the_end FOR UPDATE;
  IF NOT FOUND THEN RETURN 'unknown'; END IF;
  IF known.findings_digest = sha256(the_findings) THEN
    IF known.is_awaited AND known.worker_user <> session_user THEN
      UPDATE runseal_fleet.fact SET is_awaited = false
        WHERE audit = the_audit AND digest = the_digest AND first_row = the_first AND end_row = the_end;
      PERFORM runseal_fleet.count_range(the_audit, the_digest);
    END IF;
    RETURN 'same';
  END IF;
  IF known.findings_digest IS NOT NULL THEN
    INSERT INTO runseal_fleet.conflict (audit, digest, first_row, end_row, findings_digest, worker, worker_user, verdict)
      SELECT the_audit, the_digest, the_first, the_end, sha256(the_findings), the_worker, session_user, r.verdict
      FROM runseal_fleet.run r WHERE r.audit = the_audit AND r.digest = the_digest;
    why := json_build_object('first_row', the_first, 'end_row', the_end);
    IF NOT runseal_fleet.end_run(the_audit, the_digest, 'FACT_CONFLICT', why, the_worker) THEN
      -- A verdict that stood on the first fact stands no longer.
      UPDATE runseal_fleet.run SET state = 'parked', code = 'FACT_CONFLICT', details = why, verdict = NULL
        WHERE audit = the_audit AND digest = the_digest;
    END IF;
    RETURN 'conflict';
  END IF;
  SELECT CASE WHEN r.is_only THEN r.is_doubled ELSE random() < a.double_check END INTO STRICT isnt_counted
    FROM (SELECT own.*, (SELECT count(*) = 1 FROM runseal_fleet.fact f WHERE f.audit = own.audit AND f.digest = own.digest) AS is_only
          FROM runseal_fleet.run own) r
    JOIN runseal_fleet.audit a ON a.id = r.audit WHERE r.audit = the_audit AND r.digest = the_digest;
  UPDATE runseal_fleet.fact
    SET findings = the_findings, findings_digest = sha256(the_findings), worker = the_worker, worker_user = session_user,
      found_at = now(), is_awaited = isnt_counted
    WHERE audit = the_audit AND digest = the_digest AND first_row = the_first AND end_row = the_end;
  IF isnt_counted THEN PERFORM runseal_fleet.add_job('range', the_audit, the_digest, the_first, the_end, -1, session_user);
  ELSE PERFORM runseal_fleet.count_range(the_audit, the_digest);
  END IF;
  RETURN 'new';
END $$;

-- Counts a range of a run down. With the last one comes the job that concludes the run, in the same transaction.
CREATE FUNCTION runseal_fleet.count_range(the_audit uuid, the_digest bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  left_ranges integer;
BEGIN
  UPDATE runseal_fleet.run SET open_ranges = open_ranges - 1
    WHERE audit = the_audit AND digest = the_digest RETURNING open_ranges INTO left_ranges;
  IF left_ranges = 0 THEN PERFORM runseal_fleet.add_job('conclude', the_audit, the_digest, NULL, NULL, -2); END IF;
END $$;

CREATE FUNCTION runseal_fleet.facts_of(the_audit uuid, the_digest bytea)
RETURNS TABLE (first_row integer, end_row integer, findings bytea)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT f.first_row, f.end_row, f.findings FROM runseal_fleet.fact f
  WHERE f.audit = the_audit AND f.digest = the_digest ORDER BY f.first_row
$$;

-- Ends a run once: parked if it has no verdict. Gives whether it was open.
CREATE FUNCTION runseal_fleet.end_run(
  the_audit uuid, the_digest bytea, the_code text, the_details json, the_worker text,
  the_verdict json DEFAULT NULL, the_artifacts bytea DEFAULT NULL, the_version text DEFAULT NULL
) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE runseal_fleet.run
    SET state = CASE WHEN the_verdict IS NULL THEN 'parked' ELSE 'judged' END, code = the_code, details = the_details,
      verdict = the_verdict, artifacts = the_artifacts, version = the_version, worker = the_worker, ended_at = now()
    WHERE audit = the_audit AND digest = the_digest AND state IN ('waiting', 'cut');
  IF NOT FOUND THEN RETURN false; END IF;
  UPDATE runseal_fleet.fact SET findings = NULL WHERE audit = the_audit AND digest = the_digest;
  UPDATE runseal_fleet.audit SET open_runs = open_runs - 1, ended_at = CASE WHEN open_runs = 1 THEN now() END
    WHERE id = the_audit;
  RETURN true;
END $$;

-- Ends a run with a verdict. One that accepts needs facts of all files that it counts, one range after the other.
CREATE FUNCTION runseal_fleet.conclude(
  the_audit uuid, the_digest bytea, the_code text, the_verdict json, the_artifacts bytea, the_version text, the_worker text
) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  range record;
  covered integer := 0;
BEGIN
  IF the_code = 'OK' AND EXISTS (
    SELECT FROM runseal_fleet.run r WHERE r.audit = the_audit AND r.digest = the_digest AND r.state IN ('waiting', 'cut')
  ) THEN
    FOR range IN SELECT f.first_row, f.end_row, f.findings_digest IS NOT NULL AND NOT f.is_awaited AS is_found
      FROM runseal_fleet.fact f WHERE f.audit = the_audit AND f.digest = the_digest ORDER BY f.first_row, f.end_row
    LOOP
      IF NOT range.is_found OR range.first_row <> covered
        THEN RAISE EXCEPTION 'a run was accepted before all of its ranges were found'; END IF;
      covered := range.end_row;
    END LOOP;
    IF (the_verdict ->> 'files')::integer IS DISTINCT FROM covered
      THEN RAISE EXCEPTION 'a run was accepted with other files than were found'; END IF;
  END IF;
  RETURN runseal_fleet.end_run(the_audit, the_digest, the_code, NULL, the_worker, the_verdict, the_artifacts, the_version);
END $$;

-- The same of a run with one range, which the judging worker has hashed: its fact and its verdict.
CREATE FUNCTION runseal_fleet.conclude_at_once(
  the_audit uuid, the_digest bytea, the_end integer, the_findings bytea,
  the_code text, the_verdict json, the_artifacts bytea, the_version text, the_worker text
) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM runseal_fleet.run r WHERE r.audit = the_audit AND r.digest = the_digest AND r.is_doubled)
    THEN RAISE EXCEPTION 'two workers are to find this run'; END IF;
  IF the_code = 'OK' AND (the_verdict ->> 'files')::integer IS DISTINCT FROM the_end
    THEN RAISE EXCEPTION 'a run was accepted with other files than were found'; END IF;
  IF NOT runseal_fleet.end_run(the_audit, the_digest, the_code, NULL, the_worker, the_verdict, the_artifacts, the_version)
    THEN RETURN false; END IF;
  INSERT INTO runseal_fleet.fact (audit, digest, first_row, end_row, findings_digest, worker, worker_user, found_at)
    VALUES (the_audit, the_digest, 0, the_end, sha256(the_findings), the_worker, session_user, now());
  RETURN true;
END $$;

CREATE FUNCTION runseal_fleet.park(the_audit uuid, the_digest bytea, the_code text, the_details json, the_worker text)
RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT runseal_fleet.end_run(the_audit, the_digest, the_code, the_details, the_worker)
$$;

-- Says that a process is alive.
CREATE FUNCTION runseal_fleet.beat(the_id uuid, the_name text, the_locks text[], the_version text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO runseal_fleet.process AS p (id, name, worker_user, locks, version)
    VALUES (the_id, the_name, session_user, the_locks, the_version)
  ON CONFLICT (id) DO UPDATE SET locks = excluded.locks, seen_at = now()
$$;

-- Frees the jobs of processes that are silent, and parks the runs whose jobs have used all their attempts, the last of which ended with its
-- worker or with an exception, or have waited long for a worker of another user where there is none. Of the processes that are alive, the
-- first one sweeps: it reads all jobs.
CREATE FUNCTION runseal_fleet.sweep(the_id uuid, lost_after interval) RETURNS TABLE (freed integer, parked integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  lost text[];
  lost_jobs text[];
  dead text;
  why text;
BEGIN
  IF EXISTS (SELECT FROM runseal_fleet.process p WHERE p.seen_at >= now() - lost_after AND p.id < the_id) THEN RETURN; END IF;
  SELECT coalesce(array_agg(DISTINCT job.locked_by), '{}'), coalesce(array_agg(job.key), '{}') INTO lost, lost_jobs
    FROM runseal_fleet_queue.jobs job
    WHERE job.locked_at < now() - lost_after AND runseal_fleet.is_job(job.key) AND NOT EXISTS (
      SELECT FROM runseal_fleet.process p WHERE p.seen_at >= now() - lost_after AND job.locked_by = ANY (p.locks)
    );
  IF cardinality(lost) > 0 THEN PERFORM runseal_fleet_queue.force_unlock_workers(lost); END IF;
  DELETE FROM runseal_fleet.process p WHERE p.seen_at < now() - lost_after - interval '1 day';
  freed := cardinality(lost);
  parked := 0;
  FOR dead, why IN SELECT job.key, CASE
      WHEN job.attempts < job.max_attempts THEN 'SECOND_WORKER_MISSING' WHEN job.key = ANY (lost_jobs) THEN 'WORKER_LOST'
      ELSE 'TASK_FAILED' END
    FROM runseal_fleet_queue.jobs job
    WHERE job.locked_at IS NULL AND runseal_fleet.is_job(job.key) AND (job.attempts >= job.max_attempts OR (
      job.flags IS NOT NULL AND job.created_at < now() - 20 * lost_after AND NOT EXISTS (
        SELECT FROM runseal_fleet.process p WHERE p.seen_at >= now() - lost_after AND NOT job.flags ? p.worker_user::text
      )
    ))
  LOOP
    PERFORM runseal_fleet.park(split_part(dead, '/', 2)::uuid, decode(split_part(dead, '/', 3), 'hex'), why, '{}', NULL);
    PERFORM runseal_fleet_queue.remove_job(dead);
    parked := parked + 1;
  END LOOP;
  RETURN NEXT;
END $$;
`;

/**
 * What workers may do: call these functions, and take and end jobs, which graphile-worker does by statements of its own: the rights
 * are those of its statements. The tables of the queue have row security, so that rights alone would show a worker no row. Given anew
 * by each migration, because the queue may have got new tables.
 */
export const RIGHTS: string = `
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA runseal_fleet, runseal_fleet_queue FROM PUBLIC;
GRANT USAGE ON SCHEMA runseal_fleet, runseal_fleet_queue TO ${WORKER_ROLE};
GRANT EXECUTE ON FUNCTION
  runseal_fleet.schema_version, runseal_fleet.run_of, runseal_fleet.cut, runseal_fleet.found, runseal_fleet.facts_of,
  runseal_fleet.conclude, runseal_fleet.conclude_at_once, runseal_fleet.park, runseal_fleet.beat, runseal_fleet.sweep
TO ${WORKER_ROLE};
REVOKE ALL ON ALL TABLES IN SCHEMA runseal_fleet_queue FROM ${WORKER_ROLE};
GRANT SELECT ON ALL TABLES IN SCHEMA runseal_fleet_queue TO ${WORKER_ROLE};
GRANT UPDATE (attempts, last_error, locked_at, locked_by, payload, run_at), DELETE
  ON runseal_fleet_queue._private_jobs TO ${WORKER_ROLE};
GRANT UPDATE (locked_at, locked_by) ON runseal_fleet_queue._private_job_queues TO ${WORKER_ROLE};
GRANT INSERT ON runseal_fleet_queue._private_tasks TO ${WORKER_ROLE};
DO $$
DECLARE
  queue_table regclass;
BEGIN
  FOR queue_table IN
    SELECT c.oid FROM pg_class c WHERE c.relnamespace = 'runseal_fleet_queue'::regnamespace AND c.relrowsecurity
  LOOP
    EXECUTE format('DROP POLICY IF EXISTS ${WORKER_ROLE} ON %s', queue_table);
    EXECUTE format('CREATE POLICY ${WORKER_ROLE} ON %s TO ${WORKER_ROLE} USING (true) WITH CHECK (true)', queue_table);
  END LOOP;
END $$;
`;

/** The migrations. The number of one is its place, from 1. */
export const MIGRATIONS: readonly string[] = [TABLES + FUNCTIONS];
