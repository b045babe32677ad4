"""dbt in one process: its start takes longer than its work."""

import sys
from pathlib import Path

from dbt.cli.main import dbtRunner

project = Path(sys.argv[1])
place = ["--profiles-dir", str(project), "--project-dir", str(project)]
plainly = ["--no-version-check", "--no-use-colors", "--quiet"]


def run(*command):
    done = dbtRunner().invoke([*plainly, *command, *place])
    if not done.success:
        results = getattr(done.result, "results", [])
        failed = [
            (each.node.name, each.message) for each in results if str(each.status) not in {"success", "pass"}
        ]
        raise SystemExit(f"{command}: {done.exception or failed}")
    return done.result


run("run-operation", "load_events")
run("source", "freshness")
run("build", "--vars", "{build: 1}")
# A value is changed, a row comes; what was built before is brought up to date.
(project / "seeds" / "orders.csv").write_text("id,name,amount\n1,Ada,11\n2,Grace,20\n3,Joan,30\n")
run("build", "--vars", "{build: 2}")
catalog = run("docs", "generate", "--vars", "{build: 2}")
tables = {node.metadata.name: node for node in catalog.nodes.values()}
assert tables["LARGE_ORDERS"].metadata.comment == "The orders above fifteen.", tables["LARGE_ORDERS"]
assert tables["ORDER_COUNT"].columns["N"].comment == "Their number."
assert not catalog.errors, catalog.errors
