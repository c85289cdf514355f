from .aws import NOT_FOUND, AwsTest, forward


class Rules(AwsTest):
    def setUp(self):
        super().setUp()
        self.balancer = self.load_balancer()["LoadBalancerArn"]
        self.arn = self.listener(self.balancer)["ListenerArn"]

    def rule(self, priority, listener=None, hosts=("example.org",), actions=(NOT_FOUND,)):
        conditions = [{"Field": "host-header", "HostHeaderConfig": {"Values": list(hosts)}}]
        return self.elbv2.create_rule(
            ListenerArn=listener or self.arn, Priority=priority, Conditions=conditions, Actions=list(actions)
        )["Rules"][0]["RuleArn"]

    def priorities(self):
        rules = self.elbv2.describe_rules(ListenerArn=self.arn)["Rules"]
        return {it["RuleArn"]: it["Priority"] for it in rules if not it["IsDefault"]}

    def test_two_rules_can_swap_priorities(self):
        first, second = self.rule(1), self.rule(2)
        wanted = [{"RuleArn": first, "Priority": 2}, {"RuleArn": second, "Priority": 1}]
        self.elbv2.set_rule_priorities(RulePriorities=wanted)
        self.assertEqual(self.priorities(), {first: "2", second: "1"})
        self.elbv2.set_rule_priorities(RulePriorities=wanted)

    def test_the_priority_of_a_rule_that_does_not_change_is_in_use(self):
        first, second = self.rule(1), self.rule(2)
        self.assert_refused(
            "PriorityInUse",
            self.elbv2.set_rule_priorities,
            RulePriorities=[{"RuleArn": first, "Priority": 2}],
        )
        self.assertEqual(self.priorities(), {first: "1", second: "2"})

    def test_priorities_have_a_range(self):
        for priority in (0, 50_001):
            self.assert_refused("ValidationError", self.rule, priority=priority)

    def test_a_rule_has_at_most_five_values(self):
        hosts = [f"{number}.example.org" for number in range(6)]
        self.rule(1, hosts=hosts[:5])
        self.assert_refused("ValidationError", self.rule, priority=2, hosts=hosts)

    def test_a_load_balancer_has_at_most_a_hundred_rules(self):
        other = self.listener(self.balancer, 81)["ListenerArn"]
        for priority in range(1, 101):
            self.rule(priority, listener=other if priority % 2 else self.arn)
        self.assert_refused("TooManyRules", self.rule, priority=101)

    def test_deleting_a_rule_twice_is_an_error(self):
        rule = self.rule(1)
        self.elbv2.delete_rule(RuleArn=rule)
        self.assert_refused("RuleNotFound", self.elbv2.delete_rule, RuleArn=rule)

    def test_a_target_group_serves_one_load_balancer(self):
        group = self.target_group()
        self.rule(1, actions=[forward(group)])
        two = self.listener(self.load_balancer("two")["LoadBalancerArn"])["ListenerArn"]
        self.assert_refused(
            "TargetGroupAssociationLimit", self.rule, priority=1, listener=two, actions=[forward(group)]
        )
