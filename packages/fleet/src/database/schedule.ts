/** Schedules: audits that are submitted again and again. @module */

/**
 * The table of schedules, and what is called for it. A worker may submit only for a schedule that is due, and only once: the claim and
 * the audit are one transaction. All but the list of runs is taken from the audit before.
 */
export const SCHEDULES: string = `
CREATE TABLE runseal_fleet.schedule (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  -- The last audit. The next one is submitted as this one was.
  audit uuid NOT NULL REFERENCES runseal_fleet.audit,
  -- Seconds from one moment to the next.
  every integer NOT NULL CHECK (every BETWEEN 60 AND 31622400),
  next_at timestamptz NOT NULL,
  tried_at timestamptz,
  -- Why the last try failed; NULL: it did not.
  error text
);

-- Says what else was asked of an audit, in the transaction that submits it. With seconds, a schedule is made.
CREATE FUNCTION runseal_fleet.plan(the_audit uuid, the_source text, the_alert_url text, the_days integer, seconds integer)
RETURNS TABLE (audit uuid, schedule uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE runseal_fleet.audit a SET source = the_source, alert_url = the_alert_url, trust_days = the_days WHERE a.id = the_audit;
  PERFORM runseal_fleet.alert_gone(the_audit);
  audit := the_audit;
  IF seconds IS NOT NULL THEN
    INSERT INTO runseal_fleet.schedule AS s (audit, every, next_at)
      VALUES (the_audit, seconds, now() + make_interval(secs => seconds)) RETURNING s.id INTO schedule;
  END IF;
  RETURN NEXT;
END $$;

-- Adds a job for each schedule that is due, at most once a minute. graphile-worker's own cron would need the right to add any job.
CREATE FUNCTION runseal_fleet.add_due() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  due uuid;
BEGIN
  -- Where no worker ends jobs, audits would pile up.
  UPDATE runseal_fleet.schedule s SET error = 'AUDIT_NOT_ENDED' FROM runseal_fleet.audit a
    WHERE a.id = s.audit AND s.next_at <= now() AND a.ended_at IS NULL AND s.error IS DISTINCT FROM 'AUDIT_NOT_ENDED';
  FOR due IN UPDATE runseal_fleet.schedule s SET tried_at = now()
    WHERE s.next_at <= now() AND (s.tried_at IS NULL OR s.tried_at <= now() - interval '1 minute') AND NOT EXISTS (
      SELECT FROM runseal_fleet_queue.jobs job WHERE job.key = 'runseal-schedule/' || s.id AND job.locked_at IS NOT NULL
    ) AND EXISTS (SELECT FROM runseal_fleet.audit a WHERE a.id = s.audit AND a.ended_at IS NOT NULL) RETURNING s.id
  LOOP
    PERFORM runseal_fleet_queue.add_job(
      'runseal_schedule', json_build_object('schedule', due), max_attempts => 1, job_key => 'runseal-schedule/' || due
    );
  END LOOP;
END $$;

-- What a worker lists for a schedule; no row unless it is due and its last audit has ended.
CREATE FUNCTION runseal_fleet.schedule_of(the_id uuid) RETURNS TABLE (source text, plain_http boolean)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT a.source, a.plain_http FROM runseal_fleet.schedule s JOIN runseal_fleet.audit a ON a.id = s.audit
  WHERE s.id = the_id AND s.next_at <= now() AND a.ended_at IS NOT NULL
$$;

-- Submits the audit of a schedule that is due, and gives its id; NULL where another worker did, or the last audit has not ended. The next moment is counted from the
-- moment that was due, so that it does not drift. Moments that have passed meanwhile are left out.
CREATE FUNCTION runseal_fleet.submit_due(
  the_id uuid, others integer, broken integer, more boolean, digests bytea[], run_ids text[]
) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  due runseal_fleet.schedule;
  last runseal_fleet.audit;
  made uuid;
BEGIN
  SELECT * INTO due FROM runseal_fleet.schedule s WHERE s.id = the_id AND s.next_at <= now() FOR UPDATE;
  IF NOT FOUND THEN RETURN NULL; END IF;
  SELECT * INTO STRICT last FROM runseal_fleet.audit a WHERE a.id = due.audit;
  IF last.ended_at IS NULL THEN RETURN NULL; END IF;
  made := runseal_fleet.submit(
    last.repository, last.plain_http, (SELECT p.bytes FROM runseal_fleet.policy p WHERE p.digest = last.policy), last.policy_label,
    last.attempts, last.double_check, others, broken, more, digests, run_ids
  );
  PERFORM runseal_fleet.with_index(made, last.index_files);
  PERFORM runseal_fleet.plan(made, last.source, last.alert_url, last.trust_days, NULL);
  UPDATE runseal_fleet.schedule SET audit = made, error = NULL,
    next_at = next_at + make_interval(secs => every) * (floor(extract(epoch FROM now() - next_at) / every) + 1)::integer
    WHERE id = the_id;
  RETURN made;
END $$;

-- Keeps why the runs of a schedule could not be listed. It stays due.
CREATE FUNCTION runseal_fleet.schedule_failed(the_id uuid, the_code text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  UPDATE runseal_fleet.schedule SET error = the_code WHERE id = the_id AND next_at <= now()
$$;
`;
