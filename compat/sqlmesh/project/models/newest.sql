MODEL (name mesh.newest, kind VIEW, audits (not_null(columns := (made))));
SELECT MAX(made)::date AS made FROM mesh.daily;
