/** What accepted runs name: the run before each, and its parts. @module */

/** Makes the table and its function. */
export const LINKS = `
CREATE TABLE runseal_fleet.link (
  audit uuid NOT NULL,
  digest bytea NOT NULL,
  -- The bundle root of the run before it; NULL: there is none.
  previous bytea CHECK (octet_length(previous) = 32),
  -- For each of its parts, what the row of that run has as artifacts.
  parts bytea[] NOT NULL,
  PRIMARY KEY (audit, digest),
  FOREIGN KEY (audit, digest) REFERENCES runseal_fleet.run ON DELETE CASCADE
);

-- A bundle names the same runs in each audit of it: a second call changes nothing.
CREATE FUNCTION runseal_fleet.link(the_audit uuid, the_digest bytea, the_previous bytea, the_parts bytea[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO runseal_fleet.link VALUES (the_audit, the_digest, the_previous, the_parts) ON CONFLICT DO NOTHING
$$;

-- The runs of an audit in the order of their history, with what each names.
CREATE FUNCTION runseal_fleet.links_of(the_audit uuid)
RETURNS TABLE (run_id text, code text, artifacts text, root text, previous text, parts text[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT r.run_id, r.code, encode(r.artifacts, 'hex'), r.verdict ->> 'bundle_root', encode(l.previous, 'hex'),
    ARRAY(SELECT encode(part, 'hex') FROM unnest(l.parts) part)
  FROM runseal_fleet.run r LEFT JOIN runseal_fleet.link l USING (audit, digest)
  WHERE r.audit = the_audit ORDER BY r.place
$$;
`;
