/** Alerts: runs that turned bad since the last audit, and how a webhook hears of them. @module */

/** How often an alert is sent: with the pauses between the tries, for about 16 hours. */
const ALERT_TRIES = 12;

/** How many alerts of one code are sent for an audit: a registry that is away fails all runs. */
const MOST_SENT = 100;

/** The table of alerts, the trigger that makes them in the transaction that ends a run, and what is called to send them. */
export const ALERTS: string = `
CREATE TABLE runseal_fleet.alert (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  audit uuid NOT NULL REFERENCES runseal_fleet.audit ON DELETE CASCADE,
  -- NULL: the alert is about the list of runs.
  digest bytea,
  run_id text,
  -- The code that the run has now; RUN_GONE of a run that is not listed any more; TAGS_UNLISTED of a list that ends before the last tag.
  code text NOT NULL,
  made_at timestamptz NOT NULL DEFAULT now(),
  tries integer NOT NULL DEFAULT 0,
  -- Why the last try failed.
  error text,
  delivered_at timestamptz,
  given_up_at timestamptz,
  -- The user of the database that says it was delivered.
  worker_user name,
  UNIQUE (audit, code, digest)
);

-- Makes an alert once. If its audit has an address, a job sends it, unless many of the same code came before.
CREATE FUNCTION runseal_fleet.add_alert(the_audit uuid, the_digest bytea, the_run_id text, the_code text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  made uuid;
BEGIN
  -- Alerts of an audit are counted one after the other. The audit is locked after its run, as the end of a run does.
  PERFORM FROM runseal_fleet.audit a WHERE a.id = the_audit FOR NO KEY UPDATE;
  INSERT INTO runseal_fleet.alert (audit, digest, run_id, code) VALUES (the_audit, the_digest, the_run_id, the_code)
    ON CONFLICT DO NOTHING RETURNING id INTO made;
  IF made IS NOT NULL AND (SELECT a.alert_url IS NOT NULL FROM runseal_fleet.audit a WHERE a.id = the_audit) AND (
    SELECT count(*) <= ${MOST_SENT} FROM (
      SELECT FROM runseal_fleet.alert l WHERE l.audit = the_audit AND l.code = the_code LIMIT ${MOST_SENT + 1}
    ) l
  ) THEN
    PERFORM runseal_fleet_queue.add_job(
      'runseal_alert', json_build_object('alert', made), max_attempts => ${ALERT_TRIES}, job_key => 'runseal-alert/' || made
    );
  END IF;
END $$;

-- Earlier audits of the same source by the same policy. Another policy or a single tag would be compared with something else.
CREATE FUNCTION runseal_fleet.audits_before(the_audit uuid) RETURNS TABLE (audit uuid, submitted_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT a.id, a.submitted_at FROM runseal_fleet.audit own
  JOIN runseal_fleet.audit a ON a.source = own.source AND a.policy IS NOT DISTINCT FROM own.policy AND a.submitted_at < own.submitted_at
  WHERE own.id = the_audit ORDER BY a.submitted_at DESC
$$;

-- Whether a run was accepted when it was last judged, and has another code than in the last audit where it ended. A failure that lasts is
-- one alert, and one that ends does not hide a verdict.
CREATE FUNCTION runseal_fleet.has_turned(the_audit uuid, the_digest bytea, the_code text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH known AS (
    SELECT r.code, r.state, b.submitted_at FROM runseal_fleet.audits_before(the_audit) b
    JOIN runseal_fleet.run r ON r.audit = b.audit AND r.digest = the_digest WHERE r.code IS NOT NULL
  )
  SELECT coalesce((SELECT code = 'OK' FROM known WHERE state = 'judged' ORDER BY submitted_at DESC LIMIT 1), false)
    AND the_code <> (SELECT code FROM known ORDER BY submitted_at DESC LIMIT 1)
$$;

CREATE FUNCTION runseal_fleet.run_turned() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NEW.code = 'FACT_CONFLICT' OR runseal_fleet.has_turned(NEW.audit, NEW.digest, NEW.code)
    THEN PERFORM runseal_fleet.add_alert(NEW.audit, NEW.digest, NEW.run_id, NEW.code); END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER turned AFTER UPDATE OF code ON runseal_fleet.run FOR EACH ROW
  WHEN (NEW.code <> 'OK' AND NEW.code IS DISTINCT FROM OLD.code) EXECUTE FUNCTION runseal_fleet.run_turned();

-- Makes an alert of each run that is not listed any more. A list that ends before the last tag says nothing of the others: it is compared
-- with nothing, and the next whole one with it and all before it, up to the last whole one. That lists turn so is an alert: a worker
-- could leave runs out this way.
CREATE FUNCTION runseal_fleet.alert_gone(the_audit uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  whole timestamptz;
  was_whole boolean;
BEGIN
  SELECT NOT a.more INTO was_whole FROM runseal_fleet.audits_before(the_audit) b JOIN runseal_fleet.audit a ON a.id = b.audit
    ORDER BY b.submitted_at DESC LIMIT 1;
  IF (SELECT a.more FROM runseal_fleet.audit a WHERE a.id = the_audit) THEN
    IF was_whole THEN PERFORM runseal_fleet.add_alert(the_audit, NULL, NULL, 'TAGS_UNLISTED'); END IF;
    RETURN;
  END IF;
  SELECT max(b.submitted_at) INTO whole FROM runseal_fleet.audits_before(the_audit) b
    JOIN runseal_fleet.audit a ON a.id = b.audit WHERE NOT a.more;
  PERFORM runseal_fleet.add_alert(the_audit, gone.digest, gone.run_id, 'RUN_GONE') FROM (
    SELECT DISTINCT ON (r.digest) r.digest, r.run_id FROM runseal_fleet.audits_before(the_audit) b
    JOIN runseal_fleet.run r ON r.audit = b.audit
    WHERE b.submitted_at >= coalesce(whole, '-infinity')
      AND NOT EXISTS (SELECT FROM runseal_fleet.run own WHERE own.audit = the_audit AND own.digest = r.digest)
  ) gone;
END $$;

-- What a worker sends, and where to; no row if that is done, or was given up.
CREATE FUNCTION runseal_fleet.alert_of(the_id uuid) RETURNS TABLE (url text, body json)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT a.alert_url, json_build_object(
    'id', l.id, 'audit', l.audit, 'repository', a.repository, 'run_id', l.run_id, 'digest', encode(l.digest, 'hex'), 'code', l.code,
    'at', l.made_at
  ) FROM runseal_fleet.alert l JOIN runseal_fleet.audit a ON a.id = l.audit
  WHERE l.id = the_id AND l.delivered_at IS NULL AND l.given_up_at IS NULL AND a.alert_url IS NOT NULL
$$;

-- Says how a try to send an alert ended: delivered where there is no error.
CREATE FUNCTION runseal_fleet.alert_tried(the_id uuid, the_error text, is_last boolean) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  UPDATE runseal_fleet.alert SET tries = tries + 1, error = the_error, worker_user = session_user,
    delivered_at = CASE WHEN the_error IS NULL THEN now() END,
    given_up_at = CASE WHEN the_error IS NOT NULL AND is_last THEN now() END
  WHERE id = the_id AND delivered_at IS NULL AND given_up_at IS NULL
$$;

-- Gives alerts up whose last try ended with its worker.
CREATE FUNCTION runseal_fleet.sweep_alerts() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  dead text;
BEGIN
  FOR dead IN SELECT job.key FROM runseal_fleet_queue.jobs job
    WHERE job.key LIKE 'runseal-alert/%' AND job.locked_at IS NULL AND job.attempts >= job.max_attempts
  LOOP
    PERFORM runseal_fleet.alert_tried(split_part(dead, '/', 2)::uuid, 'WORKER_LOST', true);
    PERFORM runseal_fleet_queue.remove_job(dead);
  END LOOP;
END $$;
`;
