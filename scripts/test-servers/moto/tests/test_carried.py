from .aws import NOT_FOUND, AwsTest


class Carried(AwsTest):
    def rule(self, **more):
        listener = self.listener(self.load_balancer()["LoadBalancerArn"])["ListenerArn"]
        parameters = {
            "ListenerArn": listener,
            "Priority": 1,
            "Conditions": [{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/a"]}}],
            "Actions": [NOT_FOUND],
            **more,
        }
        return self.elbv2.create_rule(**parameters)["Rules"][0]["RuleArn"]

    def described_rule(self, arn):
        return self.elbv2.describe_rules(RuleArns=[arn])["Rules"][0]

    def test_transforms_stay_until_they_are_reset(self):
        transforms = [
            {"Type": "url-rewrite", "UrlRewriteConfig": {"Rewrites": [{"Regex": "^/a", "Replace": "/b"}]}}
        ]
        rule = self.rule(Transforms=transforms)
        self.elbv2.modify_rule(RuleArn=rule, Actions=[NOT_FOUND])
        self.assertEqual(self.described_rule(rule)["Transforms"], transforms)
        self.elbv2.modify_rule(RuleArn=rule, ResetTransforms=True)
        self.assertFalse(self.described_rule(rule).get("Transforms"))

    def test_a_condition_may_be_a_regular_expression(self):
        conditions = [{"Field": "path-pattern", "PathPatternConfig": {"RegexValues": ["^/a"]}}]
        rule = self.rule(Conditions=conditions)
        self.assertEqual(self.described_rule(rule)["Conditions"][0]["PathPatternConfig"]["RegexValues"], ["^/a"])

    def test_client_certificates_stay_when_something_else_changes(self):
        settings = {"Mode": "passthrough"}
        certificate = self.certificate()
        listener = self.https_listener(
            self.load_balancer()["LoadBalancerArn"], certificate, MutualAuthentication=settings
        )["ListenerArn"]
        self.elbv2.modify_listener(ListenerArn=listener, DefaultActions=[NOT_FOUND])
        described = self.elbv2.describe_listeners(ListenerArns=[listener])["Listeners"][0]
        self.assertEqual(described["MutualAuthentication"], settings)

    def network(self):
        mappings = [{"SubnetId": self.subnets[0], "AllocationId": "eipalloc-1"}]
        return self.load_balancer(Type="network", Subnets=[], SubnetMappings=mappings)["LoadBalancerArn"]

    def test_addresses_are_those_of_the_last_call(self):
        def addresses(arn):
            described = self.elbv2.describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"][0]
            zones = described["AvailabilityZones"]
            return [
                address.get("AllocationId") for zone in zones for address in zone.get("LoadBalancerAddresses", [])
            ]

        arn = self.network()
        self.assertEqual(addresses(arn), ["eipalloc-1"])
        self.elbv2.set_subnets(LoadBalancerArn=arn, Subnets=self.subnets[:2])
        self.assertEqual(addresses(arn), [])

    def test_private_link_traffic_is_checked_by_default(self):
        name = "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic"

        def enforced(arn):
            return self.elbv2.describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"][0][name]

        arn = self.network()
        group = self.ec2.describe_security_groups()["SecurityGroups"][0]["GroupId"]
        self.elbv2.set_security_groups(LoadBalancerArn=arn, SecurityGroups=[group], **{name: "off"})
        self.assertEqual(enforced(arn), "off")
        self.elbv2.set_security_groups(LoadBalancerArn=arn, SecurityGroups=[group])
        self.assertEqual(enforced(arn), "on")
