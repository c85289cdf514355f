"""Certificates of ACM and IAM."""

import math

import moto.settings
from cryptography import x509
from moto.acm.models import AWSCertificateManagerBackend, CertBundle
from moto.acm.responses import AWSCertificateManagerResponse
from moto.core.responses import ActionResult
from moto.iam.responses import IamResponse

from . import settling, unseen
from .replacing import replaces

# A requested certificate whose name begins with this is never issued, as if nobody validated it.
NEVER_VALIDATED = "pending."

# ACM API_ListCertificates, parameter `Includes`: "Default filtering returns only RSA_1024 and RSA_2048 certificates".
LISTED_KEYS = ["RSA_1024", "RSA_2048"]
# ACM API_CertificateSummary: `HasAdditionalSubjectAlternativeNames` says whether there are more names.
MOST_NAMES = 100


@replaces(CertBundle, "check")
def issued_after_a_while(original, bundle):
    """A requested certificate is pending validation at first (ACM API_CertificateDetail, `Status`). moto issues every
    certificate after a time that is the same for the whole process."""
    never = bundle.common_name.startswith(NEVER_VALIDATED)
    moto.settings.ACM_VALIDATION_WAIT = math.inf if never else settling.seconds()
    original(bundle)


@replaces(AWSCertificateManagerBackend, "list_certificates")
def only_usual_keys_unless_asked(original, backend, statuses, includes):
    """ACM API_ListCertificates: certificates with key types other than RSA 1024 and 2048 are listed only if `keyTypes`
    names the key type. moto lists all certificates."""
    return original(backend, statuses, {**(includes or {}), "keyTypes": (includes or {}).get("keyTypes") or LISTED_KEYS})


@replaces(AWSCertificateManagerResponse, "list_certificates")
def names_in_summaries(original, response):
    """ACM API_CertificateSummary: the first 100 names, and whether there are more. moto gives only the domain name."""
    summaries = original(response).result["CertificateSummaryList"]
    for summary in summaries:
        names = summary.get("SubjectAlternativeNames") or []
        summary["SubjectAlternativeNameSummaries"] = names[:MOST_NAMES]
        summary["HasAdditionalSubjectAlternativeNames"] = len(names) > MOST_NAMES
    return ActionResult({"CertificateSummaryList": summaries})


@replaces(CertBundle, "__init__")
def imported_chain_as_it_is(original, bundle, *arguments, chain=None, **named):
    """ACM API_GetCertificate: "the same certificate chain that you imported", which may be empty. moto appends a root
    of Amazon to every chain, so that a private certificate looks like a public one."""
    original(bundle, *arguments, chain=chain, **named)
    unseen.note(bundle.arn)
    if bundle.type == "IMPORTED":
        bundle.chain = chain


@replaces(AWSCertificateManagerResponse, "get_certificate")
def chain_is_optional(original, response):
    """See `imported_chain_as_it_is`. moto cannot answer without a chain."""
    bundle = response.acm_backend.get_certificate(response._get_param("CertificateArn"))
    if bundle.chain:
        return original(response)
    return ActionResult({"Certificate": bundle.cert.decode()})


def with_true_end(metadata, certificate):
    """IAM API_ServerCertificateMetadata: `Expiration`. With moto, every certificate expires in 2012."""
    parsed = x509.load_pem_x509_certificate(certificate.cert_body.encode())
    return {**metadata, "Expiration": parsed.not_valid_after_utc.strftime("%Y-%m-%dT%H:%M:%SZ")}


@replaces(IamResponse, "list_server_certificates")
def list_with_true_ends(original, response):
    """See `with_true_end`."""
    answer = original(response).result
    certificates = response.backend.list_server_certificates()
    shown = zip(answer["ServerCertificateMetadataList"], certificates, strict=True)
    return ActionResult({**answer, "ServerCertificateMetadataList": [with_true_end(*it) for it in shown]})


@replaces(IamResponse, "get_server_certificate")
def get_with_true_end(original, response):
    """See `with_true_end`."""
    answer = original(response).result["ServerCertificate"]
    certificate = response.backend.get_server_certificate(response._get_param("ServerCertificateName"))
    metadata = with_true_end(answer["ServerCertificateMetadata"], certificate)
    return ActionResult({"ServerCertificate": {**answer, "ServerCertificateMetadata": metadata}})
