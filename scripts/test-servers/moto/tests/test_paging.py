from .aws import AwsTest, certificate


class Paging(AwsTest):
    def assert_pages(self, service, method, key, expected, size=1, **parameters):
        """Asserts that a list of this length comes in pages of this size."""
        paginator = self.clients[service].get_paginator(method)
        pages = list(paginator.paginate(**parameters, PaginationConfig={"PageSize": size}))
        lengths = [len(page[key]) for page in pages]
        self.assertEqual((sum(lengths), max(lengths), len(pages)), (expected, size, -(-expected // size)), method)

    def test_elastic_load_balancing(self):
        balancers = [self.load_balancer(name)["LoadBalancerArn"] for name in ("one", "two", "three")]
        for name in ("one", "two", "three"):
            self.target_group(name)
        default, *others = [self.certificate(f"{it}.org") for it in "abc"]
        listener = self.https_listener(balancers[0], default)["ListenerArn"]
        self.listener(balancers[0])
        self.listener(balancers[0], 81)
        self.elbv2.add_listener_certificates(
            ListenerArn=listener, Certificates=[{"CertificateArn": it} for it in others]
        )
        for priority in (1, 2):
            self.elbv2.create_rule(
                ListenerArn=listener,
                Priority=priority,
                Conditions=[{"Field": "path-pattern", "Values": ["/"]}],
                Actions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}],
            )
        self.assert_pages("elbv2", "describe_load_balancers", "LoadBalancers", 3)
        self.assert_pages("elbv2", "describe_target_groups", "TargetGroups", 3)
        self.assert_pages("elbv2", "describe_listeners", "Listeners", 3, LoadBalancerArn=balancers[0])
        self.assert_pages("elbv2", "describe_listener_certificates", "Certificates", 3, ListenerArn=listener)
        self.assert_pages("elbv2", "describe_rules", "Rules", 3, ListenerArn=listener)
        limits = len(self.elbv2.describe_account_limits()["Limits"])
        self.assert_pages("elbv2", "describe_account_limits", "Limits", limits, size=5)

    def test_ec2(self):
        for method, key in (
            ("describe_subnets", "Subnets"),
            ("describe_route_tables", "RouteTables"),
            ("describe_security_groups", "SecurityGroups"),
            ("describe_vpcs", "Vpcs"),
        ):
            self.ec2.create_vpc(CidrBlock="10.0.0.0/16")
            expected = len(getattr(self.ec2, method)()[key])
            self.assert_pages("ec2", method, key, expected, size=2)
        for _ in range(3):
            self.instances()
        self.assert_pages("ec2", "describe_instances", "Reservations", 3)

    def test_lists_that_moto_pages_itself_are_complete(self):
        autoscaling = self.clients["autoscaling"]
        autoscaling.create_launch_configuration(
            LaunchConfigurationName="nodes", ImageId="ami-12345678", InstanceType="t3.small"
        )
        for number in range(60):
            autoscaling.create_auto_scaling_group(
                AutoScalingGroupName=f"nodes-{number}",
                LaunchConfigurationName="nodes",
                MinSize=0,
                MaxSize=0,
                AvailabilityZones=["eu-central-1a"],
            )
        self.assert_pages("autoscaling", "describe_auto_scaling_groups", "AutoScalingGroups", 60, size=59)

    def test_certificates(self):
        for it in "abc":
            self.certificate(f"{it}.org")
        self.assert_pages("acm", "list_certificates", "CertificateSummaryList", 3)
        body, key = certificate(("example.org",))
        for it in "abc":
            self.clients["iam"].upload_server_certificate(
                ServerCertificateName=it, CertificateBody=body.decode(), PrivateKey=key.decode()
            )
        self.assert_pages("iam", "list_server_certificates", "ServerCertificateMetadataList", 3)

    def test_an_unknown_token_is_an_error(self):
        self.assert_refused("MotoFailed", self.elbv2.describe_load_balancers, Marker="unknown")
        self.assert_refused("MotoFailed", self.ec2.describe_subnets, NextToken="unknown")
