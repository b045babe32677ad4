{{ config(materialized='table', contract={'enforced': true}, pre_hook="set began = current_timestamp()", tags=['daily']) }}
select id, cast(amount as number(10, 2)) as amount from {{ ref('doubled_orders') }}
