-- TRUNCATE through a share can be rolled back; a local one commits at once.
-- @ways psycopg
-- @because a transaction across statements
-- @producer
CREATE SCHEMA $name;
CREATE TABLE $name.t (i integer);
INSERT INTO $name.t VALUES (1), (2);
CREATE DATASHARE $name;
ALTER DATASHARE $name ADD SCHEMA $name;
ALTER DATASHARE $name ADD TABLE $name.t;
GRANT USAGE ON DATASHARE $name TO NAMESPACE '$consumer';
GRANT TRUNCATE ON TABLE $name.t TO DATASHARE $name;
-- @consumer
CREATE DATABASE $name FROM DATASHARE $name OF NAMESPACE '$producer';
BEGIN;
TRUNCATE $name.$name.t;
ROLLBACK;
SELECT count(*) FROM $name.$name.t;
-- @expect rows 2
-- @producer
BEGIN;
TRUNCATE $name.t;
ROLLBACK;
SELECT count(*) FROM $name.t;
-- @expect rows 0
