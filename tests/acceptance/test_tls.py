"""A server with a certificate of its own making."""

import datetime as dt
import ipaddress
import secrets
import ssl
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from tests.acceptance.harness import STOP_S, start_server

pytestmark = pytest.mark.acceptance


def test_a_self_made_certificate_serves(tmp_path: Path) -> None:
    certificate, key = _write_certificate(tmp_path)
    process, server = start_server(
        tmp_path / "data", password=secrets.token_urlsafe(12), tls_certificate=certificate, tls_key=key
    )
    try:
        secure = f"https://{server.host}:{server.port}"
        assert httpx.get(
            f"{secure}/health", verify=ssl.create_default_context(cafile=certificate)
        ).json() == {"status": "ok"}
        with pytest.raises(httpx.TransportError):
            httpx.get(f"{server.address}/health")
    finally:
        process.terminate()
        process.communicate(timeout=STOP_S)


def _write_certificate(folder: Path) -> tuple[str, str]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, SHA256())
    )
    (folder / "cert.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    (folder / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return str(folder / "cert.pem"), str(folder / "key.pem")
