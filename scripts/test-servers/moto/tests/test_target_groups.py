from .aws import AwsTest, forward


class TargetGroups(AwsTest):
    def load_balancers_of(self, target_group):
        found = self.elbv2.describe_target_groups(TargetGroupArns=[target_group])["TargetGroups"]
        return found[0]["LoadBalancerArns"]

    def test_the_same_name_with_the_same_settings_returns_the_existing_target_group(self):
        self.assertEqual(self.target_group(), self.target_group())
        self.assertEqual(len(self.elbv2.describe_target_groups()["TargetGroups"]), 1)

    def test_the_same_name_with_other_settings_is_refused_and_nothing_is_lost(self):
        arn = self.target_group()
        self.assert_refused("DuplicateTargetGroupName", self.target_group, Port=81)
        self.assert_refused("ValidationError", self.target_group, Port=81, VpcId="vpc-0")
        found = self.elbv2.describe_target_groups()["TargetGroups"]
        self.assertEqual([(it["TargetGroupArn"], it["Port"]) for it in found], [(arn, 80)])

    def test_its_load_balancers_are_those_whose_listeners_forward_to_it_now(self):
        balancer = self.load_balancer()["LoadBalancerArn"]
        first, second = self.target_group("first"), self.target_group("second")
        listener = self.listener(balancer, DefaultActions=[forward(first)])["ListenerArn"]
        self.assertEqual(self.load_balancers_of(first), [balancer])
        self.elbv2.modify_listener(ListenerArn=listener, DefaultActions=[forward(second)])
        self.assertEqual((self.load_balancers_of(first), self.load_balancers_of(second)), ([], [balancer]))
        self.elbv2.delete_load_balancer(LoadBalancerArn=balancer)
        self.assertEqual(self.load_balancers_of(second), [])

    def test_it_serves_only_one_load_balancer(self):
        one, two = (self.load_balancer(name)["LoadBalancerArn"] for name in ("one", "two"))
        group = self.target_group()
        self.listener(one, DefaultActions=[forward(group)])
        limit = "TargetGroupAssociationLimit"
        self.assert_refused(limit, self.listener, load_balancer=two, DefaultActions=[forward(group)])
        listener = self.listener(two)["ListenerArn"]
        modify = self.elbv2.modify_listener
        self.assert_refused(limit, modify, ListenerArn=listener, DefaultActions=[forward(group)])

    def test_a_target_group_in_use_cannot_be_deleted_and_a_deleted_one_can_be_deleted_again(self):
        balancer, group = self.load_balancer()["LoadBalancerArn"], self.target_group()
        self.listener(balancer, DefaultActions=[forward(group)])
        self.assert_refused("ResourceInUse", self.elbv2.delete_target_group, TargetGroupArn=group)
        self.elbv2.delete_load_balancer(LoadBalancerArn=balancer)
        self.elbv2.delete_target_group(TargetGroupArn=group)
        self.elbv2.delete_target_group(TargetGroupArn=group)
        self.assertEqual(self.elbv2.describe_target_groups()["TargetGroups"], [])

    def test_a_new_target_group_has_all_attributes_and_accepts_no_others(self):
        group = self.target_group()
        answer = self.elbv2.describe_target_group_attributes(TargetGroupArn=group)
        attributes = {it["Key"]: it["Value"] for it in answer["Attributes"]}
        self.assertEqual(attributes["deregistration_delay.timeout_seconds"], "300")
        self.assertEqual(attributes["stickiness.lb_cookie.duration_seconds"], "86400")
        self.assertNotIn("waf.fail_open.enabled", attributes)

        def modify(key, value):
            change = [{"Key": key, "Value": value}]
            return self.elbv2.modify_target_group_attributes(TargetGroupArn=group, Attributes=change)

        modify("deregistration_delay.timeout_seconds", "3600")
        for key, value in {"deregistration_delay.timeout_seconds": "3601", "unknown.key": "1"}.items():
            self.assert_refused("InvalidConfigurationRequest", modify, key=key, value=value)

    def test_a_health_check_can_be_changed(self):
        group = self.target_group()
        self.elbv2.modify_target_group(
            TargetGroupArn=group,
            HealthCheckPath="/ready",
            HealthCheckIntervalSeconds=15,
            HealthyThresholdCount=3,
            Matcher={"HttpCode": "200-299"},
        )
        found = self.elbv2.describe_target_groups()["TargetGroups"][0]
        self.assertEqual(found["HealthCheckPath"], "/ready")
        self.assertEqual(found["HealthCheckIntervalSeconds"], 15)
        self.assertEqual(found["HealthyThresholdCount"], 3)
        self.assertEqual(found["Matcher"], {"HttpCode": "200-299"})
