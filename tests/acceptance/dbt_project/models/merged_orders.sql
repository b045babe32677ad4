{{ config(materialized='incremental', unique_key='id', incremental_strategy='merge', merge_exclude_columns=['name']) }}
select id, name, amount from {{ ref('orders') }}
