"""The door beside a small model of it: who gets in after whatever was changed, by whomever."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, rule
from tests.service.doorway import ROOT

from clockmill.clock import VirtualClock
from clockmill.core.errors import Unauthenticated
from clockmill.core.identity import RoleNotGranted
from clockmill.core.signin import AccessToken, Login, SessionExpired
from clockmill.service.identity import IdentityService
from clockmill.service.signin import Signin
from clockmill.store.database import Store

USERS = ("ANN", "BOB")
ROLES = ("READER", "WRITER")
SESSION_LIFE = timedelta(hours=1)
MASTER_LIFE = timedelta(hours=4)


class _ModelToken:
    """What the model knows of an access token."""

    def __init__(self, user: str, name: str, secret: str, until: datetime) -> None:
        self.user, self.name, self.secret, self.until = user, name, secret, until
        self.is_revoked = False


class _ModelSession:
    """What the model knows of a session. It never comes back once it is gone."""

    def __init__(self, login: Login, token: _ModelToken, now: datetime) -> None:
        self.login, self.opener = login, token
        self.user, self.role = login.session.user, login.session.role
        self.token_until, self.master_until = now + SESSION_LIFE, now + MASTER_LIFE
        self.is_gone = False


class Door(RuleBasedStateMachine):
    """Two servers' worth of sign-in over one store: each change is made behind one's back."""

    tokens = Bundle("tokens")
    sessions = Bundle("sessions")

    @initialize()
    def open_the_house(self) -> None:
        self.store = Store.temporary()
        self.clock = VirtualClock(datetime(2026, 1, 1, tzinfo=UTC))
        self.identities = IdentityService(store=self.store, clock=self.clock)
        # The model's ADMIN never signs in: argon2 would take most of the test's time.
        self.identities.bootstrap(account_name="CLOCKMILL", admin_password="x")
        for role in ROLES:
            self.identities.create_role(ROOT, role)
        for user in USERS:
            self.identities.create_user(ROOT, user)
        self.granted: dict[str, set[str]] = {user: {"PUBLIC"} for user in USERS}
        self.disabled: set[str] = set()
        self.all_sessions: list[_ModelSession] = []
        self.names = 0
        self._restart()

    def _restart(self) -> None:
        self.signin = Signin(
            store=self.store,
            clock=self.clock,
            session_lifetime_s=SESSION_LIFE.total_seconds(),
            master_lifetime_s=MASTER_LIFE.total_seconds(),
        )

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()

    # --- changes -----------------------------------------------------------------------------

    @rule(target=tokens, user=st.sampled_from(USERS), days=st.integers(1, 3))
    def make_token(self, user: str, days: int) -> _ModelToken:
        self.names += 1
        info, secret = self.identities.create_token(ROOT, user, f"T{self.names}", days=days)
        return _ModelToken(user, info.name, secret, info.expires_on)

    @rule(token=tokens)
    def revoke_token(self, token: _ModelToken) -> None:
        self.identities.revoke_token(ROOT, token.user, token.name)
        token.is_revoked = True
        self._end(lambda session: session.opener is token)

    @rule(user=st.sampled_from(USERS))
    def disable(self, user: str) -> None:
        self.identities.set_disabled(ROOT, user, True)
        self.disabled.add(user)
        self._end(lambda session: session.user == user)

    @rule(user=st.sampled_from(USERS))
    def enable(self, user: str) -> None:
        self.identities.set_disabled(ROOT, user, False)
        self.disabled.discard(user)

    @rule(user=st.sampled_from(USERS), role=st.sampled_from(ROLES))
    def grant(self, user: str, role: str) -> None:
        self.identities.grant_role(ROOT, user, role)
        self.granted[user].add(role)

    @rule(user=st.sampled_from(USERS), role=st.sampled_from(ROLES))
    def revoke(self, user: str, role: str) -> None:
        if role in self.granted[user]:
            self.identities.revoke_role(ROOT, user, role)
            self.granted[user].discard(role)

    @rule(minutes=st.sampled_from([1, 10, 59, 61, 241, 1441]))
    def time_passes(self, minutes: int) -> None:
        self.clock.advance(minutes=minutes)

    @rule()
    def restart(self) -> None:
        self.store.write(lambda _: None)
        self._restart()

    # --- attempts ----------------------------------------------------------------------------

    @rule(target=sessions, token=tokens, role=st.sampled_from((None, *ROLES)))
    def sign_in(self, token: _ModelToken, role: str | None) -> _ModelSession | None:
        may_enter = self._holds(token)
        may_act = role is None or role in self.granted[token.user]
        try:
            login = self.signin.login(AccessToken(token.secret), address=f"a{self.names}", role=role)
        except Unauthenticated:
            assert not may_enter
            return None
        except RoleNotGranted:
            assert may_enter
            assert not may_act
            return None
        assert may_enter
        assert may_act
        session = _ModelSession(login, token, self.clock.now())
        self.all_sessions.append(session)
        return session

    @rule(token=tokens)
    def bear(self, token: _ModelToken) -> None:
        try:
            identity = self.signin.bearer(token.secret, None, "")
        except Unauthenticated:
            assert not self._holds(token)
            return
        assert self._holds(token)
        assert identity.roles == self.granted[token.user]

    @rule(session=sessions)
    def use(self, session: _ModelSession | None) -> None:
        if session is None:
            return
        now = self.clock.now()
        usable = not session.is_gone and session.role in self.granted[session.user]
        try:
            record = self.signin.session(session.login.token)
        except SessionExpired:
            assert now >= session.token_until
            return
        except Unauthenticated:
            assert not usable or now >= session.master_until
            return
        assert usable
        assert now < session.token_until
        assert record.roles == self.granted[session.user]
        if session.token_until - now <= SESSION_LIFE * 23 / 24:
            session.token_until, session.master_until = now + SESSION_LIFE, now + MASTER_LIFE
            self.store.write(lambda _: None)

    @rule(session=sessions)
    def renew(self, session: _ModelSession | None) -> None:
        if session is None:
            return
        now = self.clock.now()
        holds = (
            not session.is_gone and session.role in self.granted[session.user] and now < session.master_until
        )
        try:
            session.login = self.signin.renew(session.login.master_token)
        except Unauthenticated:
            assert not holds
            return
        assert holds
        session.token_until, session.master_until = now + SESSION_LIFE, now + MASTER_LIFE

    @rule(session=consumes(sessions))
    def sign_out(self, session: _ModelSession | None) -> None:
        if session is None:
            return
        self.signin.logout(session.login.token)
        session.is_gone = True

    def _holds(self, token: _ModelToken) -> bool:
        return not token.is_revoked and self.clock.now() < token.until and token.user not in self.disabled

    def _end(self, which: Callable[[_ModelSession], bool]) -> None:
        for session in self.all_sessions:
            session.is_gone = session.is_gone or which(session)


TestDoor = Door.TestCase
TestDoor.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
