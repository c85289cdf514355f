from .aws import NOT_FOUND, AwsTest, forward


class Unseen(AwsTest):
    def test_other_calls_do_not_find_a_new_resource(self):
        balancer = self.load_balancer()["LoadBalancerArn"]
        plain = self.listener(balancer)["ListenerArn"]
        secure = self.https_listener(balancer, self.certificate())["ListenerArn"]
        self.unseen_for(3600)
        group, certificate = self.target_group(), self.certificate("new.example.org")
        change = self.elbv2.modify_listener
        self.assert_refused("TargetGroupNotFound", change, ListenerArn=plain, DefaultActions=[forward(group)])
        add = self.elbv2.add_listener_certificates
        certificates = [{"CertificateArn": certificate}]
        self.assert_refused("CertificateNotFound", add, ListenerArn=secure, Certificates=certificates)
        self.unseen_for(0)
        change(ListenerArn=plain, DefaultActions=[forward(group)])
        add(ListenerArn=secure, Certificates=certificates)
        change(ListenerArn=plain, DefaultActions=[NOT_FOUND])

    def test_a_new_resource_has_no_tags_at_first(self):
        self.unseen_for(3600)
        group = self.target_group(Tags=[{"Key": "key", "Value": "value"}])
        tags = lambda: self.elbv2.describe_tags(ResourceArns=[group])["TagDescriptions"][0]["Tags"]  # noqa: E731
        self.assertEqual(tags(), [])
        self.unseen_for(0)
        self.assertEqual(tags(), [{"Key": "key", "Value": "value"}])
