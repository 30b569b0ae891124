MODEL (name mesh.orders, kind FULL, grain id);
SELECT id::int AS id, what::varchar(20) AS what, made::date AS made FROM by_sqlmesh.public.mesh_source;
