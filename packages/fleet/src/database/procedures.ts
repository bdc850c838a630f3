/** The functions of the schema, as PostgreSQL has them. They run with the rights of their owner. @module */

/** What the programs call. RIGHTS says which of them workers may call. */
export const PROCEDURES = `
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
  repository text, plain_http boolean, policy_bytes bytea, policy_label text, state text, is_doubled boolean,
  trusts_previous boolean, index_files boolean
)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT a.repository, a.plain_http, p.bytes, a.policy_label, r.state, r.is_doubled, a.trust_days IS NOT NULL, a.index_files
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
    INSERT INTO runseal_fleet.conflict (audit, digest, first_row, end_row, findings_digest, worker, worker_user, verdict, attestation)
      SELECT the_audit, the_digest, the_first, the_end, sha256(the_findings), the_worker, session_user, r.verdict, r.attestation
      FROM runseal_fleet.run r WHERE r.audit = the_audit AND r.digest = the_digest;
    why := json_build_object('first_row', the_first, 'end_row', the_end);
    IF NOT runseal_fleet.end_run(the_audit, the_digest, 'FACT_CONFLICT', why, the_worker) THEN
      -- A verdict that stood on the first fact stands no longer.
      UPDATE runseal_fleet.run SET state = 'parked', code = 'FACT_CONFLICT', details = why, verdict = NULL, attestation = NULL
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
  the_verdict json DEFAULT NULL, the_artifacts bytea DEFAULT NULL, the_version text DEFAULT NULL, the_attestation json DEFAULT NULL
) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE runseal_fleet.run
    SET state = CASE WHEN the_verdict IS NULL THEN 'parked' ELSE 'judged' END, code = the_code, details = the_details,
      verdict = the_verdict, attestation = the_attestation, artifacts = the_artifacts, version = the_version, worker = the_worker,
      ended_at = now()
    WHERE audit = the_audit AND digest = the_digest AND state IN ('waiting', 'cut');
  IF NOT FOUND THEN RETURN false; END IF;
  UPDATE runseal_fleet.fact SET findings = NULL WHERE audit = the_audit AND digest = the_digest;
  UPDATE runseal_fleet.audit SET open_runs = open_runs - 1, ended_at = CASE WHEN open_runs = 1 THEN now() END
    WHERE id = the_audit;
  RETURN true;
END $$;

-- Ends a run with a verdict. One that accepts needs facts of all files that it counts, one range after the other.
CREATE FUNCTION runseal_fleet.conclude(
  the_audit uuid, the_digest bytea, the_code text, the_verdict json, the_artifacts bytea, the_version text, the_worker text,
  the_attestation json DEFAULT NULL
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
  RETURN runseal_fleet.end_run(
    the_audit, the_digest, the_code, NULL, the_worker, the_verdict, the_artifacts, the_version, the_attestation
  );
END $$;

-- The same of a run with one range, which the judging worker has hashed: its fact and its verdict.
CREATE FUNCTION runseal_fleet.conclude_at_once(
  the_audit uuid, the_digest bytea, the_end integer, the_findings bytea,
  the_code text, the_verdict json, the_artifacts bytea, the_version text, the_worker text,
  the_attestation json DEFAULT NULL
) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM runseal_fleet.run r WHERE r.audit = the_audit AND r.digest = the_digest AND r.is_doubled)
    THEN RAISE EXCEPTION 'two workers are to find this run'; END IF;
  IF the_code = 'OK' AND (the_verdict ->> 'files')::integer IS DISTINCT FROM the_end
    THEN RAISE EXCEPTION 'a run was accepted with other files than were found'; END IF;
  IF NOT runseal_fleet.end_run(
    the_audit, the_digest, the_code, NULL, the_worker, the_verdict, the_artifacts, the_version, the_attestation
  ) THEN RETURN false; END IF;
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
    -- A lock in the future is that of a worker that would keep its job for good.
    WHERE job.locked_at NOT BETWEEN now() - lost_after AND now() + lost_after AND job.key LIKE 'runseal%' AND NOT EXISTS (
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
  PERFORM runseal_fleet.sweep_alerts();
  PERFORM runseal_fleet.add_due();
  RETURN NEXT;
END $$;
`;
