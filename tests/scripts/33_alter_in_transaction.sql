-- A share is made in a transaction; SET PUBLICACCESSIBLE is not for one.
-- @ways psycopg
-- @because a transaction across statements
-- @producer
BEGIN;
CREATE DATASHARE $name;
ALTER DATASHARE $name ADD SCHEMA public;
COMMIT;
-- @expect tag COMMIT
BEGIN;
ALTER DATASHARE $name SET PUBLICACCESSIBLE TRUE;
-- @expect error 25001 ALTER DATASHARE SET PUBLICACCESSIBLE cannot run inside a transaction block
ROLLBACK;
ALTER DATASHARE $name SET PUBLICACCESSIBLE TRUE;
-- @expect tag ALTER DATASHARE
