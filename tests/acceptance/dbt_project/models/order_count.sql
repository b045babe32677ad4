select count(*) as n from {{ ref('large_orders') }}
