-- A session of the shared database has temporary tables, which no metadata shows.
-- @ways psycopg
-- @because a temporary table lasts a session
-- @producer
CREATE SCHEMA $name;
CREATE TABLE $name.t (i integer);
INSERT INTO $name.t VALUES (1), (2);
CREATE DATASHARE $name;
ALTER DATASHARE $name ADD SCHEMA $name;
ALTER DATASHARE $name ADD TABLE $name.t;
GRANT USAGE ON DATASHARE $name TO NAMESPACE '$consumer';
-- @consumer
CREATE DATABASE $name FROM DATASHARE $name OF NAMESPACE '$producer';
-- @consumer $name
SELECT i FROM $name.t ORDER BY i;
-- @expect rows 1 ; 2
CREATE TEMP TABLE ${name}_t (i integer);
INSERT INTO ${name}_t VALUES (7);
SELECT i FROM ${name}_t;
-- @expect rows 7
SELECT * FROM information_schema.columns WHERE table_name = '${name}_t';
-- @expect count 0
CREATE VIEW $name.v AS SELECT i FROM $name.t;
-- @expect error 0A000 Operation is not supported through datashares
