"""The public root certificates of an image.

The clients of AWS and of registries read the system's certificates. An image has none but those that are put there: Mozilla's,
from the package webpki-root-certs, whose version Cargo.lock pins. The machine that builds a release has no influence on them.
"""

import base64
import re
from pathlib import Path

PACKAGE = "webpki-root-certs"
CERTIFICATE = re.compile(r'CertificateDer::from_slice\(b"((?:\\x[0-9A-Fa-f]{2})+)"\)')


def bundle(workspace):
    """All certificates, in the format of /etc/ssl/certs/ca-certificates.crt."""
    source = Path(workspace.one(PACKAGE)["manifest_path"]).with_name("src").joinpath("lib.rs").read_text(encoding="utf-8")
    found = CERTIFICATE.findall(source)
    if not found or len(found) != source.count("CertificateDer::from_slice("):
        raise SystemExit(f"the sources of {PACKAGE} have another form than scripts/release/roots.py knows")
    return "".join(_pem(bytes.fromhex(digits.replace("\\x", ""))) for digits in found).encode()


def _pem(certificate):
    encoded = base64.b64encode(certificate).decode()
    lines = [encoded[at:at + 64] for at in range(0, len(encoded), 64)]
    return "\n".join(["-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----", ""])
