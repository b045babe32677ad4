"""Key-pair tokens: what they must say and be signed with, and the code of each refusal."""

import base64
import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)
from hypothesis import given
from hypothesis import strategies as st
from tests.service.doorway import HOME, ROOT, Doorway, claims_of, public_pem, sign

from clockmill.core.identity import BadKey
from clockmill.core.signin import InvalidJWT, KeyPairToken, UserDisabled, WrongPassword
from clockmill.service.key_pair import read_public_key, verify_key_pair_token

Claims = dict[str, object]


@pytest.fixture
def door(doorway: Doorway) -> Doorway:
    """ADMIN may sign with the key «one»."""
    doorway.identities.set_key(ROOT, "ADMIN", public_pem("one"))
    return doorway


def claims(door: Doorway, key: str = "one", user: str = "ADMIN") -> Claims:
    return claims_of(user, key, door.clock.now())


def test_a_signed_token_opens_rest_and_the_connectors_login(door: Doorway) -> None:
    token = sign("one", claims(door))
    assert door.signin.bearer(token, "KEYPAIR_JWT", HOME).user == "ADMIN"
    assert door.signin.bearer(token, None, HOME).user == "ADMIN"
    assert door.signin.login(KeyPairToken(token, "admin"), address=HOME).session.user == "ADMIN"
    assert door.signin.login(KeyPairToken(token), address=HOME).session.user == "ADMIN"


def test_any_account_name_will_do_as_at_every_door(door: Doorway) -> None:
    token = sign("one", claims_of("ADMIN", "one", door.clock.now(), account="MYORG-MYACCOUNT"))
    assert door.signin.bearer(token, None, HOME).user == "ADMIN"


def test_either_of_two_keys_will_do_so_that_they_can_be_rotated(door: Doorway) -> None:
    door.identities.set_key(ROOT, "ADMIN", public_pem("two"), slot=2)
    for key in ("one", "two"):
        assert door.signin.bearer(sign(key, claims(door, key)), None, HOME).user == "ADMIN"
    door.identities.set_key(ROOT, "ADMIN", None, slot=1)
    with pytest.raises(InvalidJWT):
        door.signin.bearer(sign("one", claims(door)), None, HOME)
    assert door.signin.bearer(sign("two", claims(door, "two")), None, HOME).user == "ADMIN"


def test_times_may_be_in_milliseconds(door: Doorway) -> None:
    said = claims(door)
    millis = {name: int(str(said[name])) * 1000 for name in ("iat", "exp")}
    assert door.signin.bearer(sign("one", {**said, **millis}), None, HOME).user == "ADMIN"


def without(*names: str) -> Callable[[Claims], Claims]:
    return lambda said: {name: value for name, value in said.items() if name not in names}


def with_(**changed: object) -> Callable[[Claims], Claims]:
    return lambda said: {**said, **changed}


REFUSED = {
    "no iat": (without("iat"), "394301"),
    "no exp": (without("exp"), "394301"),
    "iat is text": (with_(iat="now"), "394301"),
    "iat is no number at all": (with_(iat=1e300), "394301"),
    "exp is true": (with_(exp=True), "394301"),
    "issued and ended long ago": (with_(iat=1_600_000_000, exp=1_600_000_060), "394303"),
    "issued long ago, ends in a year": (with_(iat=1_600_000_000, exp=1_900_000_000), "394303"),
    "issued tomorrow": (with_(iat=1_800_000_000, exp=1_800_000_060), "390144"),
    "far too long": (with_(note="x" * 8192), "390144"),
    "no issuer": (without("iss"), "390144"),
    "no subject": (without("sub"), "390144"),
    "issuer without a fingerprint": (with_(iss="CLOCKMILL.ADMIN"), "390144"),
    "issuer without a user": (with_(iss="CLOCKMILL.SHA256:abc=", sub="CLOCKMILL"), "390144"),
    "subject is another user": (with_(sub="CLOCKMILL.ANN"), "390144"),
    "subject of another account": (with_(sub="OTHER.ADMIN"), "394307"),
    "another key's fingerprint": (with_(iss="CLOCKMILL.ADMIN.SHA256:abc="), "394304"),
    "unknown user": (with_(iss="CLOCKMILL.NOBODY.SHA256:abc=", sub="CLOCKMILL.NOBODY"), "394300"),
}


@pytest.mark.parametrize(("change", "code"), REFUSED.values(), ids=REFUSED.keys())
def test_a_token_that_says_something_wrong_is_refused(
    door: Doorway, change: Callable[[Claims], Claims], code: str
) -> None:
    token = sign("one", change(claims(door)))
    with pytest.raises(InvalidJWT, match=r"^JWT token is invalid\. \[[0-9a-f-]{36}\]$") as caught:
        door.signin.bearer(token, "KEYPAIR_JWT", HOME)
    assert caught.value.code == code


def test_a_token_signed_by_another_key_is_refused(door: Doorway) -> None:
    with pytest.raises(InvalidJWT) as caught:
        door.signin.bearer(sign("two", claims(door)), None, HOME)
    assert caught.value.code == "394306"


@pytest.mark.parametrize("algorithm", ["HS256", "RS512", "PS256"])
def test_only_rs256_is_accepted(door: Doorway, algorithm: str) -> None:
    with pytest.raises(InvalidJWT) as caught:
        door.signin.bearer(sign("one", claims(door), algorithm), None, HOME)
    assert caught.value.code == "394305"


def test_an_unsigned_token_is_refused(door: Doorway) -> None:
    with pytest.raises(InvalidJWT):
        door.signin.bearer(jwt.encode(claims(door), "", algorithm="none"), None, HOME)


def test_the_public_key_is_not_accepted_as_a_shared_secret(door: Doorway) -> None:
    """The classic confusion: HS256 with the public key's text, which anybody may know."""

    def part(value: bytes) -> str:
        return base64.urlsafe_b64encode(value).decode().rstrip("=")

    head = (
        part(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())
        + "."
        + part(json.dumps(claims(door)).encode())
    )
    digest = hashlib.sha256(public_pem("one").encode() + head.encode()).digest()
    with pytest.raises(InvalidJWT):
        door.signin.bearer(f"{head}.{part(digest)}", "KEYPAIR_JWT", HOME)


def test_a_token_runs_out_also_where_it_was_just_used(door: Doorway) -> None:
    token = sign("one", claims(door))
    door.signin.bearer(token, None, HOME)
    door.clock.advance(seconds=60)
    with pytest.raises(InvalidJWT) as caught:
        door.signin.bearer(token, None, HOME)
    assert caught.value.code == "394303"


def test_a_token_lives_an_hour_at_most_whatever_it_says(door: Doorway) -> None:
    now = door.clock.now()
    token = sign("one", {**claims(door), "exp": int((now + timedelta(days=365)).timestamp())})
    door.clock.advance(minutes=59)
    assert door.signin.bearer(token, None, HOME).user == "ADMIN"
    door.clock.advance(minutes=1)
    with pytest.raises(InvalidJWT):
        door.signin.bearer(token, None, HOME)


def test_a_clients_clock_may_run_a_little_ahead(door: Doorway) -> None:
    token = sign("one", claims_of("ADMIN", "one", door.clock.now() + timedelta(seconds=45)))
    assert door.signin.bearer(token, None, HOME).user == "ADMIN"


def test_a_removed_key_opens_nothing_from_the_next_request(door: Doorway) -> None:
    token = sign("one", claims(door))
    door.signin.bearer(token, None, HOME)
    door.identities.set_key(ROOT, "ADMIN", None)
    with pytest.raises(InvalidJWT):
        door.signin.bearer(token, None, HOME)


def test_a_disabled_user_stays_out(door: Doorway) -> None:
    door.identities.set_disabled(ROOT, "ADMIN", True)
    with pytest.raises(UserDisabled):
        door.signin.bearer(sign("one", claims(door)), None, HOME)


def test_a_login_as_somebody_else_than_the_signer_is_refused(door: Doorway) -> None:
    door.identities.create_user(ROOT, "ANN")
    with pytest.raises(WrongPassword):
        door.signin.login(KeyPairToken(sign("one", claims(door)), "ann"), address=HOME)


@given(st.one_of(st.text(), st.text("abcdefABCDEF012.-_=", max_size=40), st.binary().map(str)))
def test_no_text_gets_past_as_anything_but_invalid(text: str) -> None:
    with pytest.raises(InvalidJWT):
        verify_key_pair_token(text, keys_of=lambda _: None, now=datetime(2026, 3, 1, tzinfo=UTC))


# --- keys ------------------------------------------------------------------------------------


def test_the_fingerprint_is_that_of_the_keys_der_form() -> None:
    key = load_pem_public_key(public_pem("one").encode())
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    wanted = "SHA256:" + base64.b64encode(hashlib.sha256(der).digest()).decode()
    assert read_public_key("\n" + public_pem("one") + "\n\n").fingerprint == wanted


def _elliptic() -> str:
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param(lambda: "", "not a public key", id="nothing"),
        pytest.param(lambda: "ssh-rsa AAAA", "not a public key", id="ssh"),
        pytest.param(_elliptic, "not an RSA key", id="elliptic"),
        pytest.param(lambda: public_pem("small", 1024), "only 1024 bits", id="small"),
    ],
)
def test_a_text_that_is_no_usable_key_is_refused(doorway: Doorway, text: Callable[[], str], why: str) -> None:
    with pytest.raises(BadKey, match=why):
        doorway.identities.set_key(ROOT, "ADMIN", text())
