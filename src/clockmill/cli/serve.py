"""``clockmill serve``."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from clockmill.config import load_settings
from clockmill.server import serve as run_server


def serve(
    *,
    data_dir: Annotated[str | None, Parameter(help="Folder that holds all state.")] = None,
    host: Annotated[str | None, Parameter(help="Address to listen on (127.0.0.1).")] = None,
    port: Annotated[int | None, Parameter(help="Port to listen on (8700); 0 picks a free one.")] = None,
    config: Annotated[Path | None, Parameter(help="TOML file with settings.")] = None,
    account: Annotated[str | None, Parameter(help="Account name, set at the first start.")] = None,
    upgrade: Annotated[bool | None, Parameter(help="Upgrade an older data folder.", negative=())] = None,
    insecure_listen: Annotated[
        bool | None, Parameter(help="Listen beyond loopback without TLS.", negative=())
    ] = None,
    tls_certificate: Annotated[str | None, Parameter(help="PEM file with the certificate chain.")] = None,
    tls_key: Annotated[str | None, Parameter(help="PEM file with the private key.")] = None,
    sync_wait: Annotated[
        float | None, Parameter(help="Seconds before a REST request is answered 202 (45).")
    ] = None,
    page_size: Annotated[int | None, Parameter(help="Rows in a page of a REST listing (1000).")] = None,
    log_level: Annotated[str | None, Parameter(help="DEBUG, INFO, WARNING or ERROR.")] = None,
) -> None:
    """Start a server and run it until Ctrl-C or SIGTERM.

    Settings come from the file, then from CLOCKMILL_* in the environment, then from flags; the
    reference (docs/reference/settings.md) lists all of them.
    """
    flags = {name: value for name, value in locals().items() if name != "config"}
    run_server(load_settings(file=config, flags=flags))
