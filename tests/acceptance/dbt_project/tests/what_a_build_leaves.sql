{# Each row is a table with another number of rows than a build should have left. #}
{% set again = var('build') == 2 %}
with found as (
  select 'orders' as name, count(*) as n, {{ 3 if again else 2 }} as expected from {{ ref('orders') }}
  union all select 'order_log', count(*), {{ 3 if again else 2 }} from {{ ref('order_log') }}
  union all select 'merged_orders', count(*), {{ 3 if again else 2 }} from {{ ref('merged_orders') }}
  union all select 'replaced_orders', count(*), {{ 3 if again else 2 }} from {{ ref('replaced_orders') }}
  union all select 'appended_orders', count(*), {{ 5 if again else 2 }} from {{ ref('appended_orders') }}
  union all select 'contracted_orders', count(*), {{ 3 if again else 2 }} from {{ ref('contracted_orders') }}
  union all select 'order_count', max(n), {{ 2 if again else 1 }} from {{ ref('order_count') }}
  union all select 'orders_snapshot', count(*), {{ 4 if again else 2 }} from {{ ref('orders_snapshot') }}
  union all select 'closed', count(dbt_valid_to), {{ 1 if again else 0 }} from {{ ref('orders_snapshot') }}
  union all select 'orders_by_time', count(*), {{ 4 if again else 2 }} from {{ ref('orders_by_time') }}
)
select * from found where n <> expected
