-- A consumer makes and changes tables in a schema that was granted with CREATE.
-- @producer
CREATE SCHEMA $name;
CREATE DATASHARE $name;
GRANT USAGE, CREATE ON SCHEMA $name TO DATASHARE $name;
GRANT USAGE ON DATASHARE $name TO NAMESPACE '$consumer';
-- @consumer
CREATE DATABASE $name FROM DATASHARE $name OF NAMESPACE '$producer';
CREATE TABLE $name.$name.new (i integer);
-- @expect tag CREATE TABLE
INSERT INTO $name.$name.new VALUES (5);
-- @producer
SELECT i FROM $name.new;
-- @expect rows 5
-- @consumer
ALTER TABLE $name.$name.new ADD COLUMN j integer;
-- @expect tag ALTER TABLE
SELECT i, j FROM $name.$name.new;
-- @expect rows 5|NULL
ALTER TABLE $name.$name.new DROP COLUMN j;
-- @expect tag ALTER TABLE
ALTER TABLE $name.$name.new ALTER COLUMN i TYPE bigint;
-- @expect error 0A000 Operation is not supported through datashares
ALTER TABLE $name.$name.new RENAME TO kept;
-- @expect tag ALTER TABLE
-- @producer
SELECT * FROM $name.kept;
-- @expect columns i
-- @expect rows 5
