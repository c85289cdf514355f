from .aws import AwsTest, forward


class Limits(AwsTest):
    def test_the_account_has_the_limits_that_aws_gives(self):
        answer = self.elbv2.describe_account_limits()["Limits"]
        limits = {it["Name"]: it["Max"] for it in answer}
        self.assertEqual(limits["application-load-balancers"], "50")
        self.assertEqual(limits["certificates-per-application-load-balancer"], "25")
        self.assertEqual(limits["target-groups-per-application-load-balancer"], "100")

    def test_at_most_fifty_load_balancers(self):
        for number in range(50):
            self.load_balancer(f"number-{number}")
        self.assert_refused("TooManyLoadBalancers", self.load_balancer)
        self.load_balancer("number-0")

    def test_at_most_fifty_listeners(self):
        balancer = self.load_balancer()["LoadBalancerArn"]
        for port in range(1, 51):
            self.listener(balancer, port)
        self.assert_refused("TooManyListeners", self.listener, load_balancer=balancer, port=51)

    def test_at_most_a_thousand_targets(self):
        group = self.target_group(TargetType="ip")
        self.listener(self.load_balancer()["LoadBalancerArn"], DefaultActions=[forward(group)])
        targets = [{"Id": f"10.0.{number // 250}.{number % 250}"} for number in range(1001)]
        self.elbv2.register_targets(TargetGroupArn=group, Targets=targets[:1000])
        self.assert_refused(
            "TooManyTargets", self.elbv2.register_targets, TargetGroupArn=group, Targets=targets[1000:]
        )
