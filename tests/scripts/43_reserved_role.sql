-- What a share holds is its reserved role's, which nobody grants to.
-- @producer
CREATE SCHEMA $name;
CREATE TABLE $name.t (i integer);
INSERT INTO $name.t VALUES (1), (2);
CREATE DATASHARE $name;
ALTER DATASHARE $name ADD SCHEMA $name;
ALTER DATASHARE $name ADD TABLE $name.t;
GRANT USAGE ON DATASHARE $name TO NAMESPACE '$consumer';
SELECT identity_name, identity_type, privilege_type FROM svv_schema_privileges WHERE namespace_name = '$name' AND identity_name = 'ds:$name';
-- @expect rows ds:$name|role|USAGE
SHOW GRANTS ON SCHEMA $name;
-- @expect columns schema_name, object_name, object_type, privilege_type, identity_id, identity_name, identity_type, admin_option, privilege_scope, database_name, grantor_name
GRANT SELECT ON $name.t TO ROLE "ds:$name";
-- @expect error 0A000 Granting permissions to reserved role ds:$name is not supported.
REVOKE SELECT ON $name.t FROM ROLE "ds:$name";
-- @expect error 0A000 Granting permissions to reserved role ds:$name is not supported.
GRANT SELECT ON $name.t TO "ds:$name";
-- @expect error 0A000 Granting permissions to reserved role ds:$name is not supported.
