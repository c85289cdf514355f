from .aws import AwsTest


class LoadBalancers(AwsTest):
    def state(self, arn):
        found = self.elbv2.describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"]
        return found[0]["State"]["Code"]

    def test_a_new_load_balancer_is_provisioning_and_then_active(self):
        arn = self.load_balancer()["LoadBalancerArn"]
        self.assertEqual(self.state(arn), "provisioning")
        self.settle_after(1)
        self.eventually("active", lambda: self.state(arn))

    def test_the_same_name_with_the_same_settings_returns_the_existing_load_balancer(self):
        first, second = self.load_balancer(), self.load_balancer()
        self.assertEqual(first["LoadBalancerArn"], second["LoadBalancerArn"])
        self.assertEqual(len(self.elbv2.describe_load_balancers()["LoadBalancers"]), 1)

    def test_the_same_name_with_other_settings_is_refused(self):
        self.load_balancer()
        self.assert_refused("DuplicateLoadBalancerName", self.load_balancer, Scheme="internal")
        self.assert_refused("DuplicateLoadBalancerName", self.load_balancer, Subnets=self.subnets[1:])

    def test_missing_parameters_get_the_defaults_of_aws(self):
        made = self.load_balancer()
        default = self.ec2.describe_security_groups(
            Filters=[{"Name": "group-name", "Values": ["default"]}, {"Name": "vpc-id", "Values": [self.vpc]}]
        )["SecurityGroups"][0]["GroupId"]
        self.assertEqual(made["Scheme"], "internet-facing")
        self.assertEqual(made["Type"], "application")
        self.assertEqual(made["IpAddressType"], "ipv4")
        self.assertEqual(made["SecurityGroups"], [default])

    def test_a_dns_name_is_never_reused(self):
        first = self.load_balancer()
        self.elbv2.delete_load_balancer(LoadBalancerArn=first["LoadBalancerArn"])
        self.assertNotEqual(first["DNSName"], self.load_balancer()["DNSName"])
        self.assertRegex(first["DNSName"], r"^one-\d{10}\.eu-central-1\.elb\.amazonaws\.com$")
        self.assertRegex(self.load_balancer("two", Scheme="internal")["DNSName"], r"^internal-two-\d{10}\.")

    def test_malformed_names_are_refused(self):
        for name in ("", "-a", "a-", "a" * 33, "a_b", "internal-a"):
            with self.subTest(name):
                self.assert_refused("ValidationError", self.load_balancer, name=name)

    def test_two_zones_are_required_with_one_subnet_each(self):
        self.assert_refused("ValidationError", self.load_balancer, Subnets=self.subnets[:1])
        zone = self.ec2.describe_subnets(SubnetIds=self.subnets[:1])["Subnets"][0]["AvailabilityZone"]
        twin = self.ec2.create_subnet(VpcId=self.vpc, CidrBlock="172.31.128.0/20", AvailabilityZone=zone)
        crowded = [*self.subnets[:2], twin["Subnet"]["SubnetId"]]
        self.assert_refused("InvalidConfigurationRequest", self.load_balancer, Subnets=crowded)
        self.assert_refused("SubnetNotFound", self.load_balancer, Subnets=["subnet-0", self.subnets[0]])

    def test_subnet_mappings_can_be_given_instead_of_subnets(self):
        mappings = [{"SubnetId": it} for it in self.subnets[:2]]
        made = self.elbv2.create_load_balancer(Name="one", SubnetMappings=mappings)["LoadBalancers"][0]
        self.assertEqual({it["SubnetId"] for it in made["AvailabilityZones"]}, set(self.subnets[:2]))

    def test_set_subnets_follows_the_same_rules(self):
        arn = self.load_balancer()["LoadBalancerArn"]
        self.assert_refused(
            "ValidationError", self.elbv2.set_subnets, LoadBalancerArn=arn, Subnets=self.subnets[:1]
        )
        answer = self.elbv2.set_subnets(LoadBalancerArn=arn, Subnets=self.subnets)
        self.assertEqual(len(answer["AvailabilityZones"]), 3)

    def test_ipv6_needs_subnets_with_ipv6(self):
        arn = self.load_balancer()["LoadBalancerArn"]
        for kind in ("dualstack", "dualstack-without-public-ipv4"):
            self.assert_refused(
                "ValidationError", self.elbv2.set_ip_address_type, LoadBalancerArn=arn, IpAddressType=kind
            )
        for number, subnet in enumerate(self.subnets):
            block = f"2001:db8:1234:{number}::/64"
            self.ec2.associate_subnet_cidr_block(SubnetId=subnet, Ipv6CidrBlock=block)
        for kind in ("dualstack", "dualstack-without-public-ipv4"):
            self.elbv2.set_ip_address_type(LoadBalancerArn=arn, IpAddressType=kind)
            found = self.elbv2.describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"][0]
            self.assertEqual(found["IpAddressType"], kind)
        made = self.load_balancer("two", IpAddressType="dualstack-without-public-ipv4")
        self.assertEqual(made["IpAddressType"], "dualstack-without-public-ipv4")

    def test_security_groups_must_exist_in_the_vpc(self):
        self.assert_refused("InvalidSecurityGroup", self.load_balancer, SecurityGroups=["sg-0"])
        other = self.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        foreign = self.ec2.create_security_group(GroupName="a", Description="a", VpcId=other)["GroupId"]
        arn = self.load_balancer()["LoadBalancerArn"]
        for groups, code in (([foreign], "InvalidSecurityGroup"), ([], "ValidationError")):
            self.assert_refused(
                code, self.elbv2.set_security_groups, LoadBalancerArn=arn, SecurityGroups=groups
            )

    def test_an_unknown_name_among_known_names_is_an_error(self):
        arn = self.load_balancer()["LoadBalancerArn"]
        describe = self.elbv2.describe_load_balancers
        self.assert_refused("LoadBalancerNotFound", describe, Names=["one", "two"])
        self.assert_refused("LoadBalancerNotFound", describe, LoadBalancerArns=[arn, arn[:-1] + "x"])

    def test_deletion_protection_prevents_deletion(self):
        arn = self.load_balancer()["LoadBalancerArn"]

        def protect(value):
            attributes = [{"Key": "deletion_protection.enabled", "Value": value}]
            self.elbv2.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=attributes)

        protect("true")
        self.assert_refused("OperationNotPermitted", self.elbv2.delete_load_balancer, LoadBalancerArn=arn)
        protect("false")
        self.elbv2.delete_load_balancer(LoadBalancerArn=arn)
        self.assertEqual(self.elbv2.describe_load_balancers()["LoadBalancers"], [])
        self.elbv2.delete_load_balancer(LoadBalancerArn=arn)

    def test_a_new_load_balancer_has_all_attributes_and_accepts_no_others(self):
        arn = self.load_balancer()["LoadBalancerArn"]
        answer = self.elbv2.describe_load_balancer_attributes(LoadBalancerArn=arn)
        attributes = {it["Key"]: it["Value"] for it in answer["Attributes"]}
        self.assertEqual(attributes["idle_timeout.timeout_seconds"], "60")
        self.assertEqual(attributes["routing.http2.enabled"], "true")
        wrong = {"unknown.key": "1", "idle_timeout.timeout_seconds": "4001", "routing.http2.enabled": "yes"}
        for key, value in wrong.items():
            self.assert_refused(
                "InvalidConfigurationRequest",
                self.elbv2.modify_load_balancer_attributes,
                LoadBalancerArn=arn,
                Attributes=[{"Key": key, "Value": value}],
            )
