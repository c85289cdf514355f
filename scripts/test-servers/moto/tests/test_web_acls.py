"""Web ACLs of load balancers."""

from .aws import AwsTest


class WebAcls(AwsTest):
    def setUp(self):
        super().setUp()
        self.balancer = self.load_balancer()["LoadBalancerArn"]
        self.first, self.second = self.web_acl("first"), self.web_acl("second")

    def web_acl(self, name):
        visible = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": name}
        made = self.clients["wafv2"].create_web_acl(
            Name=name, Scope="REGIONAL", DefaultAction={"Allow": {}}, VisibilityConfig=visible, Rules=[]
        )
        return made["Summary"]["ARN"]

    def protected(self, arn):
        answer = self.clients["wafv2"].list_resources_for_web_acl(WebACLArn=arn, ResourceType="APPLICATION_LOAD_BALANCER")
        return answer["ResourceArns"]

    def of_balancer(self):
        answer = self.clients["wafv2"].get_web_acl_for_resource(ResourceArn=self.balancer)
        return (answer.get("WebACL") or {}).get("ARN")

    def test_a_web_acl_takes_the_place_of_another_one(self):
        self.assertIsNone(self.of_balancer())
        for arn in (self.first, self.second, self.second):
            self.clients["wafv2"].associate_web_acl(WebACLArn=arn, ResourceArn=self.balancer)
            self.assertEqual(self.of_balancer(), arn)
        self.assertEqual((self.protected(self.first), self.protected(self.second)), ([], [self.balancer]))
        self.clients["wafv2"].disassociate_web_acl(ResourceArn=self.balancer)
        self.clients["wafv2"].disassociate_web_acl(ResourceArn=self.balancer)
        self.assertIsNone(self.of_balancer())

    def test_web_acl_and_load_balancer_must_exist(self):
        for arn, balancer in ((self.first + "x", self.balancer), (self.first, self.balancer + "x")):
            self.assert_refused(
                "WAFNonexistentItemException",
                self.clients["wafv2"].associate_web_acl,
                WebACLArn=arn,
                ResourceArn=balancer,
            )
        self.assert_refused("WAFNonexistentItemException", self.clients["wafv2"].list_resources_for_web_acl, WebACLArn=self.first + "x")
        self.assertIsNone(self.of_balancer())
