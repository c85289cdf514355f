"""Certificates of listeners: the default certificate, and the others, which are chosen by SNI."""

from moto.acm.models import acm_backends
from moto.core.responses import ActionResult
from moto.elbv2.exceptions import ELBClientError, TooManyCertificatesError, ValidationError
from moto.elbv2.models import ELBv2Backend, FakeListener
from moto.elbv2.responses import ELBV2Response

from . import unseen
from .limits import LIMITS
from .replacing import replaces


def check_certificate(backend, arn):
    """API_CreateListener and API_AddListenerCertificates: the certificate must exist (`CertificateNotFound`) and be
    issued (`UnsupportedCertificate`; not documented, from hashicorp/terraform-provider-aws issue 41789). moto checks
    only whether the certificate exists, and only in one of the calls."""
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
    """API_Listener, `Certificates`: only "the default certificate for the listener". moto keeps all certificates in the
    list that DescribeListeners shows. This patch keeps the others in a separate list."""
    original(listener, *arguments, **named)
    listener.other_certificates = []


def certificates_on(load_balancer):
    """Returns how many certificates count against the quota: those of all listeners, without default certificates."""
    return sum(len(listener.other_certificates) for listener in load_balancer.listeners.values())


@replaces(ELBv2Backend, "add_listener_certificates")
def add_each_once(original, backend, arn, certificates):
    """API_AddListenerCertificates: adding a certificate again has no effect and is not an error. A certificate that
    does not exist is an error. The quota applies to the load balancer, without default certificates. moto adds a
    certificate twice, accepts any name, and counts the default certificate of each listener."""
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
    """API_RemoveListenerCertificates: "You can't remove the default certificate" (`OperationNotPermitted`). Removing a
    certificate that is not on the listener is not an error. moto also removes the default certificate, and makes the
    next certificate the default."""
    listener = backend.describe_listeners(None, [arn])[0]
    removed = [certificate["CertificateArn"] for certificate in certificates]
    if listener.certificate in removed:
        raise ELBClientError(
            "OperationNotPermitted", f"Default certificate '{listener.certificate}' cannot be removed"
        )
    listener.other_certificates = [it for it in listener.other_certificates if it not in removed]


@replaces(ELBV2Response, "describe_listener_certificates")
def default_and_others(original, response):
    """API_DescribeListenerCertificates: a certificate that is both the default and in the list is shown twice."""
    arn = response._get_param("ListenerArn")
    listener = response.elbv2_backend.describe_listeners(None, [arn])[0]
    default = [{"CertificateArn": listener.certificate, "IsDefault": True}] if listener.certificate else []
    others = [{"CertificateArn": it, "IsDefault": False} for it in listener.other_certificates]
    return ActionResult({"Certificates": default + others})
