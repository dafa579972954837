CREATE ROLE authenticated;
CREATE TABLE notes (
  id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  owner_id uuid NOT NULL,
  body     text NOT NULL
);
GRANT SELECT, INSERT, UPDATE, DELETE ON notes TO authenticated;
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON notes TO authenticated
  USING (owner_id = (current_setting('request.jwt.claims', true)::jsonb ->> 'sub')::uuid);
