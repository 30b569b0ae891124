{% snapshot people_snapshot %}
{{ config(target_schema='dbt', unique_key='id', strategy='check', check_cols=['height']) }}
select * from {{ ref('people') }}
{% endsnapshot %}
