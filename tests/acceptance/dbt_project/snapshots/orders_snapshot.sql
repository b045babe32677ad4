{% snapshot orders_snapshot %}
{{ config(target_schema='SHOP_SNAPSHOTS', unique_key='id', strategy='check', check_cols=['amount']) }}
select * from {{ ref('orders') }}
{% endsnapshot %}
