"""Snowpark without Python on the server: statements, calls, and data frames that become SQL."""

import os

from snowflake.snowpark import Session
from snowflake.snowpark.functions import col, lit, when, when_matched, when_not_matched
from snowflake.snowpark.functions import sum as total

settings = {name: os.environ["SNOWFLAKE_" + name.upper()] for name in ("account", "user", "password", "host")}
settings |= {"port": int(os.environ["SNOWFLAKE_PORT"]), "protocol": "http", "warehouse": "compute_wh"}
session = Session.builder.configs(settings).create()

session.sql("create database park").collect()
session.use_schema("park.public")
assert session.get_current_schema() == '"PUBLIC"', session.get_current_schema()
assert [tuple(row) for row in session.sql("select ?, 'x' as b", params=[5]).collect()] == [(5, "x")]

session.sql("create procedure next(a int) returns int language sql as 'begin return a + 1; end'").collect()
session.sql(
    "create procedure listed(n int) returns table(a int) language sql as"
    " $$declare r resultset default (select :n as a); begin return table(r); end$$"
).collect()
assert session.call("next", 4) == 5
assert session.call("listed", 4).collect()[0]["A"] == 4

people = session.create_dataframe([[1, "Ada"], [2, "Grace"]], schema=["n", "name"])
people.write.mode("overwrite").save_as_table("people")
table = session.table("people")
assert table.group_by("name").agg(total("n").alias("s")).sort("s").collect()[1]["S"] == 2
again = table.select(col("n").alias("m"))
assert table.join(again, col("n") == col("m")).count() == 2
sized = table.with_column("size", when(col("n") > 1, lit("big")).otherwise(lit("small")))
assert [row["SIZE"] for row in sized.sort("n").collect()] == ["small", "big"]
assert session.range(3).count() == 3
assert table.cache_result().count() == 2

assert table.update({"name": lit("Lady Ada")}, col("n") == 1).rows_updated == 1
news = session.create_dataframe([[2, "G."], [7, "Joan"]], schema=["m", "called"])
merged = table.merge(
    news,
    col("n") == col("m"),
    [
        when_matched().update({"name": col("called")}),
        when_not_matched().insert({"n": col("m"), "name": col("called")}),
    ],
)
assert (merged.rows_inserted, merged.rows_updated) == (1, 1), merged
assert table.delete(col("n") == 1).rows_deleted == 1
table.create_or_replace_view("seen")
assert sorted(row["NAME"] for row in session.table("seen").collect()) == ["G.", "Joan"]
assert session.sql("select count(*) as c from seen").collect_nowait().result()[0]["C"] == 2

session.sql("drop database park").collect()
session.close()
