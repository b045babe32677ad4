"""``clockmill``: the command line."""

import sys

from cyclopts import App

from clockmill.cli.db import app as db
from clockmill.cli.demo import demo
from clockmill.cli.fires import app as fires
from clockmill.cli.node import app as node
from clockmill.cli.serve import serve
from clockmill.cli.token import app as token
from clockmill.cli.user import app as user
from clockmill.cli.warehouse import app as warehouse
from clockmill.core.errors import ClockmillError

app = App(
    name="clockmill",
    help="A self-hosted server that speaks the Snowflake Task REST API and really runs task graphs.\n\n"
    "Begin with `clockmill demo`, or `clockmill serve --data-dir DIR` for one of your own.",
)
app.command(serve)
app.command(demo)
app.command(user)
app.command(token)
app.command(db)
app.command(fires)
app.command(node)
app.command(warehouse)


def main() -> None:
    """Run the command line; a mistake of the user's is one sentence and status 1."""
    try:
        app()
    except ClockmillError as error:
        print("clockmill: " + error.message.removeprefix("SQL compilation error:\n"), file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
