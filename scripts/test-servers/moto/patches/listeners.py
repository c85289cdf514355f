"""Listeners and their actions. Their certificates are in `listener_certificates`."""

from moto.elbv2.exceptions import (
    DuplicateListenerError,
    ELBClientError,
    TargetGroupNotFoundError,
    ValidationError,
)
from moto.elbv2.models import ELBv2Backend, FakeAction
from moto.elbv2.ssl_policies import SSL_POLICIES

from . import attributes, unseen
from .limits import check_limit
from .listener_certificates import check_certificate
from .replacing import replaces
from .tags import check_tags
from .target_groups import users_of

# API_CreateListener, parameter `SslPolicy`: the default of the API.
DEFAULT_SSL_POLICY = "ELBSecurityPolicy-2016-08"
TLS = ("HTTPS", "TLS")


def find(backend, arn):
    """Returns the listener with this ARN."""
    return backend.describe_listeners(None, [arn])[0]


@replaces(FakeAction, "__init__")
def both_ways_to_say_forward(original, action, data):
    """API_Action: the answer for a forward to one target group contains both `TargetGroupArn` and `ForwardConfig`,
    whichever of them the call used. moto's answer contains only the one that the call used."""
    if data.get("Type") == "forward":
        data.setdefault("ForwardConfig", {"TargetGroups": [{"TargetGroupArn": data.get("TargetGroupArn")}]})
        groups = data["ForwardConfig"].get("TargetGroups", [])
        if len(groups) == 1:
            data["TargetGroupArn"] = groups[0]["TargetGroupArn"]
    original(action, data)


def check_forwards(backend, load_balancer_arn, actions):
    """Rejects actions according to API_CreateListener and API_ModifyListener: there must be at least one action. The
    target groups must exist (moto does not check this on modify) and be known (`unseen`), and each may serve only one
    load balancer (`TargetGroupAssociationLimit`)."""
    if not actions:
        raise ValidationError("At least one action must be specified")
    made = [FakeAction(dict(action)) for action in actions]
    backend._validate_actions(made)
    for action in made:
        for arn in backend._get_target_group_arns_from(action.data):
            if unseen.is_unseen(arn):
                raise TargetGroupNotFoundError()
            if set(users_of(backend, arn)) - {load_balancer_arn}:
                raise ELBClientError(
                    "TargetGroupAssociationLimit",
                    f"The following target groups cannot be associated with more than one load balancer: {arn}",
                )


def check_ssl_policy(name):
    """API_CreateListener, `SSLPolicyNotFound`: moto checks this only on modify."""
    if name not in SSL_POLICIES:
        raise ELBClientError("SSLPolicyNotFound", f"SSL policy '{name}' not found")


@replaces(ELBv2Backend, "create_listener")
def create_as_aws_does(
    original,
    backend,
    load_balancer_arn,
    protocol,
    port,
    ssl_policy,
    certificate,
    actions,
    alpn_policy=None,
    tags=None,
):
    """API_CreateListener: each port is used only once on a load balancer (moto compares ports with ARNs). A second call
    with the same port and the same settings is not an error and returns the existing listener. TLS needs a certificate
    that exists. HTTP has neither a certificate nor a policy (with moto, every listener has a policy)."""
    load_balancer = backend.describe_load_balancers([load_balancer_arn], None)[0]
    backend._validate_port_and_protocol(load_balancer.type, port, protocol)
    if protocol in TLS:
        if certificate is None:
            raise ValidationError(f"A certificate must be specified for {protocol} listeners")
        check_certificate(backend, certificate)
        check_ssl_policy(ssl_policy)
    else:
        if certificate is not None:
            raise ValidationError(f"A certificate cannot be specified for {protocol} listeners")
        # moto's response class replaces a missing policy with the default.
        if ssl_policy != DEFAULT_SSL_POLICY:
            raise ValidationError(f"A SSL policy cannot be specified for {protocol} listeners")
        ssl_policy = None
    check_forwards(backend, load_balancer_arn, actions)
    for present in load_balancer.listeners.values():
        if int(present.port) == int(port):
            wanted = [FakeAction(dict(action)).data for action in actions]
            if (present.protocol, present.certificate, present.ssl_policy) == (protocol, certificate, ssl_policy) and [
                action.data for action in present.default_actions
            ] == wanted:
                return present
            raise DuplicateListenerError()
    check_tags([], tags or [])
    check_limit(
        f"listeners-per-{load_balancer.type}-load-balancer",
        len(load_balancer.listeners),
        "TooManyListeners",
        f"Load balancer '{load_balancer_arn}' can have no more listeners",
    )
    created = original(
        backend, load_balancer_arn, protocol, port, ssl_policy, certificate, actions, alpn_policy, tags
    )
    created.attributes = attributes.of_listener(protocol)
    return created


@replaces(ELBv2Backend, "modify_listener")
def modify_as_aws_does(
    original, backend, arn, port=None, protocol=None, ssl_policy=None, certificates=None, actions=None
):
    """API_ModifyListener: changes only the default certificate and keeps the others (moto drops them). The new port
    must be free, and the target groups and the certificate must exist. With HTTP, the certificate and the policy are
    removed. A call that changes the protocol to TLS must give a certificate."""
    listener = find(backend, arn)
    load_balancer = backend.load_balancers[listener.load_balancer_arn]
    tls = (protocol or listener.protocol) in TLS
    if port is not None and any(
        it is not listener and int(it.port) == int(port) for it in load_balancer.listeners.values()
    ):
        raise DuplicateListenerError()
    if not tls and (certificates or ssl_policy):
        raise ValidationError(f"A certificate or SSL policy cannot be specified for {listener.protocol} listeners")
    if len(certificates or []) > 1:
        raise ValidationError("You must specify exactly one certificate")
    for certificate in certificates or []:
        check_certificate(backend, certificate["CertificateArn"])
    if actions:
        check_forwards(backend, listener.load_balancer_arn, actions)

    others = listener.other_certificates
    modified = original(backend, arn, port, protocol, ssl_policy, certificates or [], actions or [])
    modified.other_certificates = others
    if tls:
        modified.ssl_policy = modified.ssl_policy or DEFAULT_SSL_POLICY
    else:
        modified.ssl_policy, modified.certificate = None, None
        modified.certificates, modified.other_certificates = [], []
    return modified


@replaces(ELBv2Backend, "modify_listener_attributes")
def known_attributes_only(original, backend, listener_arn, attrs):
    """API_ModifyListenerAttributes: moto accepts any key and value."""
    listener = find(backend, listener_arn)
    changed = {attribute["Key"]: attribute.get("Value", "") for attribute in attrs}
    attributes.check("Listener", attributes.of_listener(listener.protocol), changed)
    return original(backend, listener_arn, attrs)
