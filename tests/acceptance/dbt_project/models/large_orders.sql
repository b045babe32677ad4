{{ config(materialized='table') }}
select id, name, amount from {{ ref('orders') }} where amount > 15
