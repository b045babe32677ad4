{% macro load_events() %}
  {% do run_query("create schema if not exists SHOP_RAW") %}
  {% do run_query("create or replace table SHOP_RAW.events as select 1 as id, current_timestamp() as loaded_at") %}
  {% set found = run_query("select count(*) as n from SHOP_RAW.events") %}
  {{ log("events: " ~ found.columns[0].values()[0], info=true) }}
{% endmacro %}
