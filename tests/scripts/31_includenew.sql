-- With INCLUDENEW, what is made later joins the share; what was there does not.
-- @producer
CREATE SCHEMA $name;
CREATE TABLE $name.t (i integer);
INSERT INTO $name.t VALUES (1), (2);
CREATE DATASHARE $name;
ALTER DATASHARE $name ADD SCHEMA $name;
ALTER DATASHARE $name ADD TABLE $name.t;
GRANT USAGE ON DATASHARE $name TO NAMESPACE '$consumer';
CREATE TABLE $name.t3 (i integer);
ALTER DATASHARE $name SET INCLUDENEW TRUE FOR SCHEMA $name;
-- @expect tag ALTER DATASHARE
CREATE TABLE $name.t2 (i integer);
SELECT object_type, include_new FROM svv_datashare_objects WHERE share_name = '$name' AND object_type = 'schema';
-- @expect rows schema|true
-- @consumer
CREATE DATABASE $name FROM DATASHARE $name OF NAMESPACE '$producer';
SELECT count(*) FROM $name.$name.t2;
-- @expect rows 0
SELECT count(*) FROM $name.$name.t3;
-- @expect error 42P01 relation "$name.$name.t3" does not exist
