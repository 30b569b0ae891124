{{ config(materialized='view', bind=False) }}
select id, name from {{ ref('people_table') }}
