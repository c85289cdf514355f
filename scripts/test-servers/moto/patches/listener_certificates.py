"""Certificates of listeners: the default certificate, and the others, which are selected by SNI."""

from moto.acm.models import acm_backends
from moto.core.responses import ActionResult
from moto.elbv2.exceptions import ELBClientError, TooManyCertificatesError, ValidationError
from moto.elbv2.models import ELBv2Backend, FakeListener
from moto.elbv2.responses import ELBV2Response

from . import unseen
from .limits import LIMITS
from .replacing import replaces


def check_certificate(backend, arn):
    """API_CreateListener and API_AddListenerCertificates: the certificate must exist (`CertificateNotFound`) and be issued
    (`UnsupportedCertificate`, not on the pages, seen in hashicorp/terraform-provider-aws issue 41789). moto checks in
    only one of the calls whether the certificate exists."""
    if not backend._certificate_exists(arn) or unseen.is_unseen(arn):
        raise ELBClientError("CertificateNotFound", f"Certificate '{arn}' not found")
    bundle = acm_backends[backend.account_id][backend.region_name]._certificates.get(arn)
    if bundle is not None and bundle.status != "ISSUED":
        raise ELBClientError(
            "UnsupportedCertificate",
            f"The certificate '{arn}' must have a fully-qualified domain name, a supported signature, "
            "and a supported key size.",
        )


@replaces(FakeListener, "__init__")
def two_lists(original, listener, *arguments, **named):
    """API_Listener, `Certificates`: "The default certificate for the listener", and no other. moto keeps all certificates
    in the list that DescribeListeners returns; here the others are in a separate list."""
    original(listener, *arguments, **named)
    listener.other_certificates = []


def certificates_on(load_balancer):
    """How many certificates count against the quota: those of all listeners, without default certificates."""
    return sum(len(listener.other_certificates) for listener in load_balancer.listeners.values())


@replaces(ELBv2Backend, "add_listener_certificates")
def add_each_once(original, backend, arn, certificates):
    """API_AddListenerCertificates: a certificate that is already in the list is not added again and is no error; a
    certificate that does not exist is an error; the quota is that of the load balancer, without default certificates. moto
    adds certificates twice, accepts any name, and counts per listener, with default certificates."""
    listener = backend.describe_listeners(None, [arn])[0]
    if listener.protocol not in ("HTTPS", "TLS"):
        raise ValidationError(f"A certificate cannot be specified for {listener.protocol} listeners")
    added = []
    for certificate in certificates:
        name = certificate["CertificateArn"]
        check_certificate(backend, name)
        if name not in listener.other_certificates and name not in added:
            added.append(name)
    load_balancer = backend.load_balancers[listener.load_balancer_arn]
    if certificates_on(load_balancer) + len(added) > LIMITS["certificates-per-application-load-balancer"]:
        raise TooManyCertificatesError()
    listener.other_certificates.extend(added)
    return [certificate["CertificateArn"] for certificate in certificates]


@replaces(ELBv2Backend, "remove_listener_certificates")
def default_stays(original, backend, arn, certificates):
    """API_RemoveListenerCertificates: "You can't remove the default certificate" (`OperationNotPermitted`); a certificate
    that is not in the list is no error. moto also removes the default certificate, and the next one takes its place."""
    listener = backend.describe_listeners(None, [arn])[0]
    removed = [certificate["CertificateArn"] for certificate in certificates]
    if listener.certificate in removed:
        raise ELBClientError(
            "OperationNotPermitted", f"Default certificate '{listener.certificate}' cannot be removed"
        )
    listener.other_certificates = [it for it in listener.other_certificates if it not in removed]


@replaces(ELBV2Response, "describe_listener_certificates")
def default_and_others(original, response):
    """API_DescribeListenerCertificates: a certificate that is the default and also in the list is returned twice."""
    arn = response._get_param("ListenerArn")
    listener = response.elbv2_backend.describe_listeners(None, [arn])[0]
    default = [{"CertificateArn": listener.certificate, "IsDefault": True}] if listener.certificate else []
    others = [{"CertificateArn": it, "IsDefault": False} for it in listener.other_certificates]
    return ActionResult({"Certificates": default + others})
