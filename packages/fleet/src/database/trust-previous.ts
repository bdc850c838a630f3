/** `--trust-previous`: a run that was hashed lately need not be hashed again. @module */

/**
 * Ends a run by the verdict of an earlier audit. The worker says what it saw of the artifacts; all else is looked up here. A verdict that
 * itself stands on an earlier one does not count, nor one of another policy, of another version, or of another repository.
 */
export const TRUST_PREVIOUS: string = `
CREATE FUNCTION runseal_fleet.trust_previous(
  the_audit uuid, the_digest bytea, the_artifacts bytea, the_version text, the_worker text
) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  known record;
BEGIN
  -- Locked: a second fact that takes the verdict away waits, and then finds the run that stands on it.
  SELECT r.audit, r.verdict INTO known FROM runseal_fleet.audit own
    JOIN runseal_fleet.audit a ON a.repository = own.repository AND a.policy IS NOT DISTINCT FROM own.policy
    JOIN runseal_fleet.run r ON r.audit = a.id
    WHERE own.id = the_audit AND r.digest = the_digest AND r.state = 'judged' AND r.code = 'OK' AND r.trusted_previous IS NULL
      AND r.artifacts = the_artifacts AND r.version = the_version AND r.ended_at >= now() - make_interval(days => own.trust_days)
    ORDER BY r.ended_at DESC LIMIT 1 FOR SHARE OF r;
  IF NOT FOUND OR NOT EXISTS (
    SELECT FROM runseal_fleet.run r WHERE r.audit = the_audit AND r.digest = the_digest AND r.state = 'waiting' AND NOT r.is_doubled
  ) THEN RETURN false; END IF;
  IF NOT runseal_fleet.end_run(the_audit, the_digest, 'OK', NULL, the_worker, known.verdict, the_artifacts, the_version)
    THEN RETURN false; END IF;
  UPDATE runseal_fleet.run SET trusted_previous = known.audit WHERE audit = the_audit AND digest = the_digest;
  INSERT INTO runseal_fleet.link SELECT the_audit, l.digest, l.previous, l.parts FROM runseal_fleet.link l
    WHERE l.audit = known.audit AND l.digest = the_digest ON CONFLICT DO NOTHING;
  RETURN true;
END $$;

-- A verdict that is taken away by a second fact takes those with it that stand on it.
CREATE FUNCTION runseal_fleet.trust_lost() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE runseal_fleet.run SET state = 'parked', code = NEW.code, details = NEW.details, verdict = NULL
    WHERE digest = NEW.digest AND trusted_previous = NEW.audit AND code = 'OK';
  RETURN NULL;
END $$;
CREATE TRIGGER trust_lost AFTER UPDATE OF code ON runseal_fleet.run FOR EACH ROW
  WHEN (OLD.code = 'OK' AND NEW.code <> 'OK') EXECUTE FUNCTION runseal_fleet.trust_lost();
`;
