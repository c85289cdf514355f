from .aws import NOT_FOUND, AwsTest, forward


class Listeners(AwsTest):
    def setUp(self):
        super().setUp()
        self.balancer = self.load_balancer()["LoadBalancerArn"]

    def described(self, arn):
        return self.elbv2.describe_listeners(ListenerArns=[arn])["Listeners"][0]

    def test_a_port_is_used_once(self):
        first = self.listener(self.balancer)["ListenerArn"]
        self.assertEqual(self.listener(self.balancer)["ListenerArn"], first)
        other = [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}]
        self.assert_refused("DuplicateListener", self.listener, load_balancer=self.balancer, DefaultActions=other)
        second = self.listener(self.balancer, 81)["ListenerArn"]
        self.assert_refused("DuplicateListener", self.elbv2.modify_listener, ListenerArn=second, Port=80)

    def test_tls_needs_a_certificate_that_exists(self):
        self.assert_refused("ValidationError", self.listener, load_balancer=self.balancer, Protocol="HTTPS")
        unknown = "arn:aws:acm:eu-central-1:123456789012:certificate/00000000-0000-0000-0000-000000000000"
        create = self.https_listener
        self.assert_refused("CertificateNotFound", create, load_balancer=self.balancer, certificate=unknown)
        self.assert_refused(
            "SSLPolicyNotFound",
            create,
            load_balancer=self.balancer,
            certificate=self.certificate(),
            SslPolicy="unknown",
        )

    def test_http_has_neither_certificate_nor_policy(self):
        made = self.listener(self.balancer)
        self.assertNotIn("SslPolicy", made)
        self.assertFalse(made.get("Certificates"))
        certificates = [{"CertificateArn": self.certificate()}]
        self.assert_refused(
            "ValidationError", self.listener, load_balancer=self.balancer, port=81, Certificates=certificates
        )

    def test_an_action_is_required_and_its_target_group_must_exist(self):
        self.assert_refused("ValidationError", self.listener, load_balancer=self.balancer, DefaultActions=[])
        listener, group = self.listener(self.balancer)["ListenerArn"], self.target_group()
        self.elbv2.delete_target_group(TargetGroupArn=group)
        self.assert_refused(
            "TargetGroupNotFound",
            self.elbv2.modify_listener,
            ListenerArn=listener,
            DefaultActions=[forward(group)],
        )

    def test_a_forward_is_shown_in_both_forms(self):
        first, second = self.target_group("first"), self.target_group("second")
        short = self.listener(self.balancer, DefaultActions=[forward(first)])["DefaultActions"][0]
        weighted = {"Type": "forward", "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": second, "Weight": 5}]}}
        long = self.listener(self.balancer, 81, DefaultActions=[weighted])["DefaultActions"][0]
        self.assertEqual(short["TargetGroupArn"], first)
        self.assertEqual(short["ForwardConfig"]["TargetGroups"], [{"TargetGroupArn": first, "Weight": 1}])
        self.assertEqual(long["TargetGroupArn"], second)
        self.assertEqual(long["ForwardConfig"]["TargetGroups"], [{"TargetGroupArn": second, "Weight": 5}])

    def test_two_target_groups_with_weights_come_back_as_they_were_given(self):
        groups = [
            {"TargetGroupArn": self.target_group("first"), "Weight": 1},
            {"TargetGroupArn": self.target_group("second"), "Weight": 0},
        ]
        action = {"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}
        made = self.listener(self.balancer, DefaultActions=[action])["DefaultActions"][0]
        self.assertEqual(made["ForwardConfig"]["TargetGroups"], groups)
        self.assertNotIn("TargetGroupArn", made)

    def test_a_listener_can_change_to_http_and_back_to_tls(self):
        certificate = self.certificate()
        arn = self.https_listener(self.balancer, certificate)["ListenerArn"]
        self.elbv2.modify_listener(ListenerArn=arn, Protocol="HTTP")
        plain = self.described(arn)
        self.assertEqual((plain["Protocol"], plain.get("Certificates", [])), ("HTTP", []))
        self.assertNotIn("SslPolicy", plain)
        certificates = [{"CertificateArn": certificate}]
        self.elbv2.modify_listener(ListenerArn=arn, Protocol="HTTPS", Certificates=certificates)
        self.assertEqual(self.described(arn)["SslPolicy"], "ELBSecurityPolicy-2016-08")

    def test_attributes_are_those_of_its_protocol(self):
        arn = self.listener(self.balancer)["ListenerArn"]
        answer = self.elbv2.describe_listener_attributes(ListenerArn=arn)["Attributes"]
        self.assertIn({"Key": "routing.http.response.server.enabled", "Value": "true"}, answer)
        self.assertNotIn("tcp.idle_timeout.seconds", [it["Key"] for it in answer])
        unknown = [{"Key": "tcp.idle_timeout.seconds", "Value": "350"}]
        self.assert_refused(
            "InvalidConfigurationRequest",
            self.elbv2.modify_listener_attributes,
            ListenerArn=arn,
            Attributes=unknown,
        )

    def test_an_unknown_load_balancer_or_listener_is_an_error(self):
        arn = self.listener(self.balancer)["ListenerArn"]
        self.elbv2.delete_listener(ListenerArn=arn)
        self.assert_refused("ListenerNotFound", self.elbv2.delete_listener, ListenerArn=arn)
        self.elbv2.delete_load_balancer(LoadBalancerArn=self.balancer)
        self.assert_refused(
            "LoadBalancerNotFound", self.listener, load_balancer=self.balancer, DefaultActions=[NOT_FOUND]
        )
