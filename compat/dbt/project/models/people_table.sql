{{ config(materialized='table', dist='id', sort='id') }}
select id, upper(name) as name, born, height from {{ ref('people') }}
