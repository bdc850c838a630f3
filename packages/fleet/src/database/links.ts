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
`;
