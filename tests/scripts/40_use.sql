-- USE: names resolve in the shared database, metadata stays the session's own.
-- @ways psycopg
-- @because USE lasts a session
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
SHOW USE;
-- @expect columns Use Database
USE $name;
-- @expect tag USE
SELECT i FROM $name.t ORDER BY i;
-- @expect rows 1 ; 2
SHOW USE;
-- @expect rows $name
SELECT current_database();
-- @expect rows dev
SELECT * FROM missing;
-- @expect error XX000 Relation missing does not exist in the database.
RESET USE;
SELECT * FROM missing;
-- @expect error 42P01 relation "missing" does not exist
SELECT count(*) FROM $name.$name.t;
-- @expect rows 2
