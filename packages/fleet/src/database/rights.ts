/** Who may do what in the database. @module */

/** The group that workers belong to. A cluster has it once, whatever its databases. */
export const WORKER_ROLE = "runseal_fleet_worker";

/** The schema of the queue: one of the fleet's own, for the rights that workers have there must not reach jobs of other programs. */
export const QUEUE_SCHEMA = "runseal_fleet_queue";

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
  runseal_fleet.conclude, runseal_fleet.conclude_at_once, runseal_fleet.park, runseal_fleet.beat, runseal_fleet.sweep,
  runseal_fleet.schedule_of, runseal_fleet.submit_due, runseal_fleet.schedule_failed, runseal_fleet.alert_of, runseal_fleet.alert_tried,
  runseal_fleet.trust_previous,
  runseal_fleet.link
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
