from .aws import AwsTest, forward


class AutoScaling(AwsTest):
    def setUp(self):
        super().setUp()
        self.autoscaling = self.clients["autoscaling"]
        self.autoscaling.create_launch_configuration(
            LaunchConfigurationName="nodes", ImageId="ami-12345678", InstanceType="t3.small"
        )
        self.scaling_group()

    def scaling_group(self, name="nodes", size=2):
        self.autoscaling.create_auto_scaling_group(
            AutoScalingGroupName=name,
            LaunchConfigurationName="nodes",
            MinSize=0,
            MaxSize=9,
            DesiredCapacity=size,
            VPCZoneIdentifier=",".join(self.subnets),
        )

    def attach(self, *groups, to="nodes"):
        self.autoscaling.attach_load_balancer_target_groups(AutoScalingGroupName=to, TargetGroupARNs=list(groups))

    def detach(self, *groups):
        self.autoscaling.detach_load_balancer_target_groups(
            AutoScalingGroupName="nodes", TargetGroupARNs=list(groups)
        )

    def attached(self):
        answer = self.autoscaling.describe_load_balancer_target_groups(AutoScalingGroupName="nodes")
        states = {it["LoadBalancerTargetGroupARN"]: it["State"] for it in answer["LoadBalancerTargetGroups"]}
        return [arn for arn, state in states.items() if state != "Removing"]

    def targets(self, group):
        answer = self.elbv2.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
        return {it["Target"]["Id"] for it in answer if it["TargetHealth"]["State"] != "draining"}

    def nodes(self):
        described = self.autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=["nodes"])
        return {it["InstanceId"] for it in described["AutoScalingGroups"][0]["Instances"]}

    def test_attaching_registers_the_instances_and_detaching_deregisters_them(self):
        group = self.target_group()
        self.listener(self.load_balancer()["LoadBalancerArn"], DefaultActions=[forward(group)])
        self.attach(group)
        self.attach(group)
        self.assertEqual(self.targets(group), self.nodes())
        self.assertEqual(self.attached(), [group])
        self.detach(group)
        self.assertEqual((self.targets(group), self.attached()), (set(), []))

    def test_new_instances_are_registered_and_terminated_instances_are_deregistered(self):
        group = self.target_group()
        self.attach(group)
        for size in (3, 1):
            self.autoscaling.set_desired_capacity(AutoScalingGroupName="nodes", DesiredCapacity=size)
            self.assertEqual(len(self.nodes()), size)
            self.assertEqual(self.targets(group), self.nodes())

    def test_target_groups_that_do_not_exist_or_hold_addresses_are_refused(self):
        gone = self.target_group()
        self.elbv2.delete_target_group(TargetGroupArn=gone)
        attach = self.autoscaling.attach_load_balancer_target_groups
        for group in (gone, self.target_group("addresses", TargetType="ip")):
            self.assert_refused(
                "ValidationError", attach, AutoScalingGroupName="nodes", TargetGroupARNs=[group]
            )
        self.assertEqual(self.attached(), [])

    def test_at_most_ten_target_groups_change_at_once_over_all_calls(self):
        groups = [self.target_group(f"group-{number}") for number in range(11)]
        for group in groups[:9]:
            self.attach(group)
        self.detach(groups[0])
        self.attach(groups[9])
        message = self.assert_refused(
            "ValidationError",
            self.autoscaling.attach_load_balancer_target_groups,
            AutoScalingGroupName="nodes",
            TargetGroupARNs=groups[10:],
        )
        self.assertIn("at once. The limit is 10", message)
        answer = self.autoscaling.describe_load_balancer_target_groups(AutoScalingGroupName="nodes")
        states = [it["State"] for it in answer["LoadBalancerTargetGroups"]]
        self.assertEqual((states.count("Adding"), states.count("Removing")), (9, 1))
        self.settle_after(0)
        self.attach(groups[10])

    def test_a_new_target_group_is_unknown_at_first(self):
        self.unseen_for(3600)
        group = self.target_group()
        attach = self.autoscaling.attach_load_balancer_target_groups
        message = self.assert_refused(
            "ValidationError", attach, AutoScalingGroupName="nodes", TargetGroupARNs=[group]
        )
        self.assertIn("Provided Target Groups may not be valid", message)
        self.unseen_for(0)
        self.attach(group)

    def test_at_most_fifty_target_groups_can_be_attached(self):
        self.settle_after(0)
        groups = [self.target_group(f"group-{number}") for number in range(51)]
        for begin in range(0, 50, 10):
            self.attach(*groups[begin : begin + 10])
        message = self.assert_refused(
            "ValidationError",
            self.autoscaling.attach_load_balancer_target_groups,
            AutoScalingGroupName="nodes",
            TargetGroupARNs=groups[50:],
        )
        self.assertIn("The limit is 50", message)

    def test_a_deleted_target_group_stays_attached_until_it_is_detached(self):
        group = self.target_group()
        self.attach(group)
        self.elbv2.delete_target_group(TargetGroupArn=group)
        self.assertEqual(self.attached(), [group])
        self.autoscaling.set_desired_capacity(AutoScalingGroupName="nodes", DesiredCapacity=3)
        self.detach(group)
        self.assertEqual(self.attached(), [])

    def test_detaching_a_target_group_that_is_not_attached_is_an_error(self):
        self.assert_refused(
            "ValidationError",
            self.autoscaling.detach_load_balancer_target_groups,
            AutoScalingGroupName="nodes",
            TargetGroupARNs=[self.target_group()],
        )

    def test_a_scaling_group_that_does_not_exist_is_an_error(self):
        group = self.target_group()
        for call in ("attach_load_balancer_target_groups", "detach_load_balancer_target_groups"):
            self.assert_refused(
                "ValidationError",
                getattr(self.autoscaling, call),
                AutoScalingGroupName="unknown",
                TargetGroupARNs=[group],
            )
        self.assert_refused(
            "ValidationError",
            self.autoscaling.describe_load_balancer_target_groups,
            AutoScalingGroupName="unknown",
        )
