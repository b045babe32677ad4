{% snapshot orders_by_time %}
{{ config(target_schema='SHOP_SNAPSHOTS', unique_key='id', strategy='timestamp', updated_at='updated_at', hard_deletes='invalidate') }}
select id, amount, dateadd(minute, amount, '2026-01-01'::timestamp_ntz) as updated_at from {{ ref('orders') }}
{% endsnapshot %}
