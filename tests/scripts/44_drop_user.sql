-- Who owns a share, or holds a privilege on one, cannot be dropped.
-- @producer
CREATE USER ${name}_owner PASSWORD 'Secret1234';
CREATE USER ${name}_holder PASSWORD 'Secret1234';
CREATE DATASHARE $name;
GRANT SHARE ON DATASHARE $name TO ${name}_holder;
DROP USER ${name}_holder;
-- @expect error 55006 user "${name}_holder" can't be dropped because the user has a privilege on some object
ALTER DATASHARE $name OWNER TO ${name}_owner;
DROP USER ${name}_owner;
-- @expect error 55006 user "${name}_owner" can't be dropped because the user owns some object
DROP DATASHARE $name;
DROP USER ${name}_holder, ${name}_owner;
-- @expect tag DROP USER
