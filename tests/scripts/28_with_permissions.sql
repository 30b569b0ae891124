-- WITH PERMISSIONS each level is granted; without it USAGE on the database is all.
-- @producer
CREATE SCHEMA $name;
CREATE TABLE $name.t (i integer);
CREATE TABLE $name.u (i integer);
INSERT INTO $name.t VALUES (1), (2);
CREATE DATASHARE $name;
ALTER DATASHARE $name ADD SCHEMA $name;
ALTER DATASHARE $name ADD TABLE $name.t, $name.u;
GRANT USAGE ON DATASHARE $name TO NAMESPACE '$consumer';
-- @consumer
CREATE USER $name PASSWORD 'Passw0rd!';
CREATE DATABASE $name WITH PERMISSIONS FROM DATASHARE $name OF NAMESPACE '$producer';
-- @consumer dev $name
SELECT i FROM $name.$name.t ORDER BY i;
-- @expect error 42501 permission denied for database $name
-- @consumer
GRANT USAGE ON DATABASE $name TO $name;
-- @consumer dev $name
SELECT i FROM $name.$name.t ORDER BY i;
-- @expect error 42501 permission denied for schema $name
-- @consumer
GRANT USAGE ON SCHEMA $name.$name TO $name;
-- @consumer dev $name
SELECT i FROM $name.$name.t ORDER BY i;
-- @expect error 42501 permission denied for relation t
-- @consumer
GRANT SELECT ON $name.$name.t TO $name;
-- @consumer dev $name
SELECT i FROM $name.$name.t ORDER BY i;
-- @expect rows 1 ; 2
SELECT i FROM $name.$name.u;
-- @expect error 42501 permission denied for relation u
-- @consumer
REVOKE SELECT ON $name.$name.t FROM $name;
-- @consumer dev $name
SELECT i FROM $name.$name.t;
-- @expect error 42501 permission denied for relation t
-- @consumer
DROP DATABASE $name;
CREATE DATABASE $name FROM DATASHARE $name OF NAMESPACE '$producer';
GRANT USAGE ON DATABASE $name TO $name;
-- @consumer dev $name
SELECT i FROM $name.$name.t ORDER BY i;
-- @expect rows 1 ; 2
