"""SHOW USERS and SHOW ROLES."""

from typing import Any, Final

from clockmill.core.identity import User
from clockmill.engine.result import Result
from clockmill.session.execution import Execution
from clockmill.session.handlers.listing import columns, filtered, flag, listing
from clockmill.sql.show import Show

_ROLES: Final = columns(
    "created_on:when name is_default is_current is_inherited assigned_to_users:number "
    "granted_to_roles:number granted_roles:number owner comment"
)
_USERS: Final = columns(
    "name created_on:when login_name display_name first_name last_name email mins_to_unlock days_to_expiry "
    "comment disabled must_change_password snowflake_lock default_warehouse default_namespace default_role "
    "default_secondary_roles ext_authn_duo ext_authn_uid mins_to_bypass_mfa owner last_success_login:when "
    "expires_at_time:when locked_until_time:when has_password has_rsa_public_key type has_mfa"
)


def show_roles(run: Execution, statement: Show) -> Result:
    """List the roles that the user may act in."""
    caller = run.caller
    found = filtered(statement, sorted(caller.roles | {"PUBLIC"}), lambda name: name)
    return listing(
        _ROLES,
        [(None, name, "N", flag(name == caller.role), "N", 0, 0, 0, "", "") for name in found],
    )


def show_users(run: Execution, statement: Show) -> Result:
    """List users, to whoever administers them."""
    every = run.services.identity.list_users(run.caller)
    return listing(_USERS, [_user(each) for each in filtered(statement, every, lambda user: user.name)])


def _user(user: User) -> tuple[Any, ...]:
    namespace = ".".join(part for part in (user.default_database, user.default_schema) if part)
    return (
        *(user.name, user.created_on, user.name, user.name, "", "", "", None, None, user.comment or ""),
        *(_truth(user.is_disabled), "false", "false", user.default_warehouse, namespace or None),
        *(user.default_role, '["ALL"]', "false", "", None, "", None, None, None),
        *(_truth(user.has_password), _truth(bool(user.key_fingerprints)), "PERSON", "false"),
    )


def _truth(value: bool) -> str:
    return str(value).lower()
