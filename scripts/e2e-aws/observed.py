"""What AWS has, read without the program that is being tested, beside what a plan promises."""


def load_balancers(aws, arns):
    """Load balancers by name, in the words of the plan."""
    if not arns:
        return {}
    answer = aws.call("elbv2", "describe-load-balancers", "--load-balancer-arns", *arns)
    return {it["LoadBalancerName"]: load_balancer(aws, it) for it in answer["LoadBalancers"]}


def load_balancer(aws, it):
    arn = it["LoadBalancerArn"]
    listeners = aws.call("elbv2", "describe-listeners", "--load-balancer-arn", arn)["Listeners"]
    groups = aws.call("elbv2", "describe-target-groups", "--load-balancer-arn", arn)["TargetGroups"]
    certificates = set()
    for listener in listeners:
        if listener["Protocol"] == "HTTPS":
            answer = aws.call("elbv2", "describe-listener-certificates", "--listener-arn", listener["ListenerArn"])
            certificates |= {certificate["CertificateArn"] for certificate in answer["Certificates"]}
    return {
        "arn": arn,
        "dns-name": it["DNSName"],
        "state": it["State"]["Code"],
        "scheme": it["Scheme"],
        "subnets": sorted(zone["SubnetId"] for zone in it["AvailabilityZones"]),
        "security-groups": sorted(it["SecurityGroups"]),
        "listeners": sorted((listener["Port"], listener["Protocol"].lower(), rules(aws, listener)) for listener in listeners),
        "certificates": sorted(certificates),
        "target-groups": sorted((group["TargetGroupName"], group["Protocol"].lower(), group["Port"], targets(aws, group))
                                for group in groups),
        "target-types": sorted(group["TargetType"] for group in groups),
    }


def rules(aws, listener):
    """The number of rules, the default action aside."""
    found = aws.call("elbv2", "describe-rules", "--listener-arn", listener["ListenerArn"])["Rules"]
    return sum(not rule["IsDefault"] for rule in found)


def targets(aws, group):
    found = aws.call("elbv2", "describe-target-health", "--target-group-arn", group["TargetGroupArn"])
    return tuple(sorted(it["Target"]["Id"] for it in found["TargetHealthDescriptions"]))


def promised(it):
    """A load balancer of a plan in the same form, as far as a plan knows it before anything is created."""
    # A plan leaves empty lists out.
    listeners, groups = it.get("listeners", []), it.get("target-groups", [])
    return {
        "scheme": it["scheme"],
        "subnets": sorted(it["subnets"]),
        "listeners": sorted((listener["port"], listener["protocol"], len(listener.get("rules", []))) for listener in listeners),
        "certificates": sorted({certificate["arn"] for certificate in it.get("certificates", [])}),
        "target-groups": sorted((group["name"], group["protocol"], group["port"], tuple(sorted(group.get("targets", []))))
                                for group in groups),
    }


def differences(plan, found):
    """Where AWS is not as the plan says that it will be."""
    wanted = {it["name"]: promised(it) for it in plan["load-balancers"] if it["fate"] != "delete"}
    told = [f"{name} was promised and does not exist" for name in sorted(wanted.keys() - found.keys())]
    told += [f"{name} exists and was not promised" for name in sorted(found.keys() - wanted.keys())]
    for name in sorted(wanted.keys() & found.keys()):
        for field, value in wanted[name].items():
            if found[name][field] != value:
                told.append(f"{name}: {field} promised as {value}, found {found[name][field]}")
    return told
