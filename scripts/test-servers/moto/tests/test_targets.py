from .aws import AwsTest, forward


class Targets(AwsTest):
    def register(self, group, *targets):
        self.elbv2.register_targets(TargetGroupArn=group, Targets=list(targets))

    def deregister(self, group, *targets):
        self.elbv2.deregister_targets(TargetGroupArn=group, Targets=list(targets))

    def health(self, group):
        answer = self.elbv2.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
        return {
            (it["Target"]["Id"], it["Target"]["Port"]): (it["TargetHealth"]["State"], it["TargetHealth"].get("Reason"))
            for it in answer
        }

    def used_group(self, **more):
        group = self.target_group(**more)
        self.listener(self.load_balancer()["LoadBalancerArn"], DefaultActions=[forward(group)])
        return group

    def test_an_address_can_be_registered_with_two_ports(self):
        group = self.target_group(TargetType="ip")
        self.register(group, {"Id": "10.0.0.1", "Port": 80}, {"Id": "10.0.0.1", "Port": 81}, {"Id": "10.0.0.2"})
        self.assertEqual(set(self.health(group)), {("10.0.0.1", 80), ("10.0.0.1", 81), ("10.0.0.2", 80)})
        self.deregister(group, {"Id": "10.0.0.1", "Port": 81})
        self.assertEqual(set(self.health(group)), {("10.0.0.1", 80), ("10.0.0.2", 80)})

    def test_targets_are_unused_until_a_listener_forwards_to_them_then_initial_then_healthy(self):
        group, balancer = self.target_group(), self.load_balancer()["LoadBalancerArn"]
        target = (self.instances()[0], 80)
        self.register(group, {"Id": target[0]})
        self.assertEqual(self.health(group), {target: ("unused", "Target.NotInUse")})
        self.listener(balancer, DefaultActions=[forward(group)])
        self.assertEqual(self.health(group)[target][0], "initial")
        self.settle_after(1)
        self.eventually({target: ("healthy", None)}, lambda: self.health(group))

    def test_a_deregistered_target_drains_first(self):
        group = self.used_group(TargetType="ip")
        self.register(group, {"Id": "10.0.0.1"})
        self.deregister(group, {"Id": "10.0.0.1"})
        self.assertEqual(self.health(group)[("10.0.0.1", 80)][0], "draining")
        self.settle_after(1)
        self.eventually({}, lambda: self.health(group))

    def test_a_draining_target_can_be_registered_again(self):
        group = self.used_group(TargetType="ip")
        self.register(group, {"Id": "10.0.0.1"})
        self.deregister(group, {"Id": "10.0.0.1"})
        self.register(group, {"Id": "10.0.0.1"})
        self.assertEqual(self.health(group)[("10.0.0.1", 80)][0], "initial")

    def test_deregistering_a_target_that_is_not_registered_is_no_error(self):
        group = self.target_group(TargetType="ip")
        self.deregister(group, {"Id": "10.0.0.1"})

    def test_instances_must_exist_and_be_running(self):
        group = self.target_group()
        unknown = [{"Id": "i-00000000000000000"}]
        self.assert_refused(
            "InvalidTarget", self.elbv2.register_targets, TargetGroupArn=group, Targets=unknown
        )
        instance = self.instances()[0]
        self.ec2.stop_instances(InstanceIds=[instance])
        self.assert_refused(
            "InvalidTarget", self.elbv2.register_targets, TargetGroupArn=group, Targets=[{"Id": instance}]
        )

    def test_health_shows_stopped_and_terminated_instances(self):
        group = self.used_group()
        stopped, terminated = self.instances(2)
        self.register(group, {"Id": stopped}, {"Id": terminated})
        self.ec2.stop_instances(InstanceIds=[stopped])
        self.ec2.terminate_instances(InstanceIds=[terminated])
        health = self.health(group)
        self.assertEqual(health[(stopped, 80)], ("unused", "Target.InvalidState"))
        self.assertEqual(health[(terminated, 80)][0], "draining")
        self.settle_after(1)
        self.eventually({(stopped, 80)}, lambda: set(self.health(group)))
