{{ config(materialized='incremental', incremental_strategy='append') }}
select id, current_timestamp() as added_at from {{ ref('orders') }}
